package dev.tutti.coordinator.record;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A line of {@code steps.jsonl} or {@code epochs.jsonl}. */
sealed interface LogLine extends JsonText.Fields {
    /** Returns the line, without its end. */
    default String toJson() {
        return JsonText.of(this);
    }

    /**
     * One line of {@code steps.jsonl}; times in milliseconds.
     *
     * @param hiddenTransfer fraction of the gradients that came while their senders computed
     */
    record Step(
            long step,
            int epoch,
            double loss,
            int samples,
            double rate,
            Millis millis,
            double hiddenTransfer,
            List<Contributor> contributions,
            @Nullable String digest)
            implements LogLine {
        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeNumberField("step", step);
            json.writeNumberField("epoch", epoch);
            json.writeNumberField("loss", loss);
            json.writeNumberField("samples", samples);
            json.writeNumberField("rate", rate);
            JsonText.writeObject(json, "millis", millis);
            json.writeNumberField("hiddenTransfer", hiddenTransfer);
            json.writeArrayFieldStart("contributions");
            for (var contribution : contributions) {
                JsonText.writeObject(json, contribution);
            }
            json.writeEndArray();
            json.writeStringField("digest", digest);
        }
    }

    /**
     * The time of a step by phase.
     *
     * @param total from the leases to the new weights
     * @param collect from the leases to the last contribution
     * @param compute the longest computation of one worker, within collect
     * @param apply the last reduction and the optimizer
     */
    record Millis(double total, double collect, double compute, double apply)
            implements JsonText.Fields {
        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeNumberField("total", total);
            json.writeNumberField("collect", collect);
            json.writeNumberField("compute", compute);
            json.writeNumberField("apply", apply);
        }
    }

    /** Who computed which shards, from {@code from} to before {@code to}. */
    record Contributor(int worker, int from, int to, int attempt, int samples, double computeMillis)
            implements JsonText.Fields {
        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeNumberField("worker", worker);
            json.writeArrayFieldStart("shards");
            json.writeNumber(from);
            json.writeNumber(to);
            json.writeEndArray();
            json.writeNumberField("attempt", attempt);
            json.writeNumberField("samples", samples);
            json.writeNumberField("computeMillis", computeMillis);
        }
    }

    /** One line of {@code epochs.jsonl}; what the data does not have is {@code null}. */
    record Epoch(
            int epoch,
            long step,
            @Nullable Double trainLoss,
            @Nullable Double validationLoss,
            @Nullable Double validationAccuracy,
            String digest)
            implements LogLine {
        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeNumberField("epoch", epoch);
            json.writeNumberField("step", step);
            JsonText.writeNumber(json, "trainLoss", trainLoss);
            JsonText.writeNumber(json, "validationLoss", validationLoss);
            JsonText.writeNumber(json, "validationAccuracy", validationAccuracy);
            json.writeStringField("digest", digest);
        }
    }
}
