package dev.tutti.deploy.predict;

import dev.tutti.deploy.cli.UserException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** How predictions are written. */
public enum PredictionFormat {
    /** Comma-separated text with a line of names. */
    CSV {
        @Override
        public PredictionWriter writer(
                List<String> keep, Answers answers, int count, OutputStream out) {
            return new PredictionLines(false, keep, answers, text(out));
        }
    },
    /** A JSON object in each line. */
    JSONL {
        @Override
        public PredictionWriter writer(
                List<String> keep, Answers answers, int count, OutputStream out) {
            return new PredictionLines(true, keep, answers, text(out));
        }
    },
    /** Arrays of NumPy in an archive. */
    NPZ {
        @Override
        public PredictionWriter writer(
                List<String> keep, Answers answers, int count, OutputStream out) {
            return new PredictionArrays(keep, answers, count, out);
        }
    };

    /**
     * Returns what writes predictions in this form.
     *
     * @param keep names of the columns that are carried through
     * @param count samples
     * @param out buffered; flushed at the end
     * @throws UserException if two columns would have one name
     */
    public abstract PredictionWriter writer(
            List<String> keep, Answers answers, int count, OutputStream out);

    private static PrintStream text(OutputStream out) {
        return new PrintStream(out, false, StandardCharsets.UTF_8);
    }

    /** Returns the name as it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
