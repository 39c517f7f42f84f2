package dev.tutti.coordinator.record;

import dev.tutti.common.chaos.StruckFault;
import dev.tutti.common.step.compute.Baseline;
import dev.tutti.common.step.course.LedgerEntry;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.coordinator.file.RecordJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run and its figures, as in {@code summary.json}. Losses and accuracies are means over samples;
 * those of a part without samples, or without classes, are absent.
 *
 * @param name of the run
 * @param model its text
 * @param spec what the workers were told
 * @param parameters trained floats
 * @param baseline what the model must be better than, over the test samples (the validation samples
 *     if there are none)
 * @param figures what was counted
 * @param report what the final weights are worth on the same samples
 * @param weightsDigest SHA-256 of the weights as little-endian floats
 * @param faults that were ordered with {@code --chaos} and have struck
 */
public record RunSummary(
        String name,
        String model,
        RunSpec spec,
        long parameters,
        Baseline.Figures baseline,
        RunFigures figures,
        @Nullable RunReport report,
        String weightsDigest,
        List<StruckFault> faults) {
    /** The file that it is written to. */
    public static final String FILE = "summary.json";

    /** The order that readers of the file know; what is not named here comes behind. */
    private static final List<String> ORDER =
            List.of(
                    "name",
                    "steps",
                    "epochs",
                    "model",
                    "loss",
                    "data",
                    "kernel",
                    "seed",
                    "samples",
                    "parameters",
                    "workers",
                    "processes",
                    "shards",
                    "average",
                    "sync",
                    "clock",
                    "trainLoss",
                    "validationLoss",
                    "validationAccuracy",
                    "testLoss",
                    "testAccuracy",
                    "baselineLoss",
                    "baselineAccuracy",
                    "report",
                    "weightsDigest",
                    "seconds",
                    "virtualSeconds",
                    "samplesPerSecond",
                    "stepMillisP50",
                    "stepMillisP95",
                    "bytesSent",
                    "bytesReceived",
                    "lostWorkers",
                    "reassignedShards",
                    "ledgerExact",
                    "ledger",
                    "faults");

    /** Returns the summary as JSON of one line. */
    public String toJson() {
        return RecordJson.line(values());
    }

    /** Returns all that it shows, by name. */
    public Map<String, @Nullable Object> values() {
        var values = new LinkedHashMap<String, @Nullable Object>();
        ORDER.forEach(key -> values.put(key, null));
        values.put("name", name);
        values.put("model", model);
        values.put("loss", spec.loss());
        values.put("data", spec.data());
        values.put("seed", spec.seed());
        values.put("parameters", parameters);
        values.put("shards", spec.shards());
        values.put("average", spec.average());
        values.put("sync", spec.sync());
        values.put("clock", spec.clock());
        values.put("baselineLoss", baseline.loss().orElse(null));
        values.put("baselineAccuracy", baseline.accuracy().orElse(null));
        values.put("report", report);
        values.put("weightsDigest", weightsDigest);
        values.put("faults", faults);
        values.putAll(figures.shown());
        return values;
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
        static LedgerLine of(LedgerEntry entry) {
            return new LedgerLine(
                    entry.epoch(), entry.samplesPlanned(), entry.samplesCounted(), entry.exact());
        }
    }
}
