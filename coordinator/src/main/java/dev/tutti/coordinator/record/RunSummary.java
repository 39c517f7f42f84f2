package dev.tutti.coordinator.record;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tutti.common.chaos.StruckFault;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a run, as in {@code summary.json}. Losses and accuracies are means over samples;
 * those of a part without samples, or without classes, are absent.
 *
 * @param name of the run
 * @param steps steps taken
 * @param epochs epochs begun
 * @param samples training samples counted, over all steps
 * @param parameters trained floats
 * @param workers workers that took part
 * @param processes worker processes that took part over the network; 0 if all were in this one
 * @param shards of a batch
 * @param trainLoss mean over the last epoch, as its steps saw it
 * @param baselineLoss over the test samples (the validation samples if there are none) of always
 *     answering the mean of the training targets; of real values only
 * @param baselineAccuracy likewise of the training samples' most frequent class; of classes only
 * @param report what the final weights are worth on the test samples (the validation samples if
 *     there are none)
 * @param weightsDigest SHA-256 of the weights as little-endian floats
 * @param seconds from the first lease to the end; the time between a stop and the resumption is not
 *     counted
 * @param samplesPerSecond training samples by the time spent in steps, evaluation left out
 * @param stepMillisP50 median time of a step, leases to new weights
 * @param stepMillisP95 95th percentile
 * @param bytesSent by the coordinator, over the network
 * @param bytesReceived by the coordinator, over the network
 * @param lostWorkers workers lost on the way
 * @param reassignedShards shards given to another worker
 * @param ledgerExact whether every sample of every epoch was counted exactly once
 * @param ledger the account of each epoch
 * @param faults that were ordered with {@code --chaos} and have struck
 */
@JsonPropertyOrder({"name", "steps", "epochs"})
public record RunSummary(
        String name,
        String model,
        String loss,
        String data,
        String kernel,
        long seed,
        long steps,
        int epochs,
        long samples,
        long parameters,
        int workers,
        int processes,
        int shards,
        @Nullable Double trainLoss,
        @Nullable Double validationLoss,
        @Nullable Double validationAccuracy,
        @Nullable Double testLoss,
        @Nullable Double testAccuracy,
        @Nullable Double baselineLoss,
        @Nullable Double baselineAccuracy,
        @Nullable RunReport report,
        String weightsDigest,
        double seconds,
        double samplesPerSecond,
        double stepMillisP50,
        double stepMillisP95,
        long bytesSent,
        long bytesReceived,
        int lostWorkers,
        int reassignedShards,
        boolean ledgerExact,
        List<LedgerLine> ledger,
        List<StruckFault> faults) {
    /** The file that it is written to. */
    public static final String FILE = "summary.json";

    /** Returns the summary as JSON of one line. */
    public String toJson() {
        return RecordJson.line(this);
    }

    /**
     * One epoch of the ledger.
     *
     * @param epoch counted from 0
     * @param planned samples that its steps should count
     * @param counted samples that they counted
     * @param exact whether these were the same samples, each once
     */
    public record LedgerLine(int epoch, int planned, long counted, boolean exact) {
        void write(JsonGenerator json) throws IOException {
            json.writeNumberField("epoch", epoch);
            json.writeNumberField("planned", planned);
            json.writeNumberField("counted", counted);
            json.writeBooleanField("exact", exact);
        }
    }
}
