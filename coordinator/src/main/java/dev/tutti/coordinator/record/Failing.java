package dev.tutti.coordinator.record;

import dev.tutti.coordinator.file.LineFile;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Something that may fail again and again: its user is warned once until it works again. */
public final class Failing {
    private static final Logger LOG = LoggerFactory.getLogger(Failing.class);

    private final Consumer<String> warn;
    private boolean failing;

    public Failing(Consumer<String> warn) {
        this.warn = warn;
    }

    public void works() {
        failing = false;
    }

    /** Takes the lines of steps away that are to be taken again. */
    void cut(LineFile file, long keptBytes) {
        try {
            file.cut(keptBytes);
        } catch (IOException e) {
            fails(
                    "lines of steps that are taken again stay in the log: %s"
                            .formatted(Reason.of(e)));
        }
    }

    public void fails(String line) {
        if (failing) {
            LOG.warn("{}", line);
        } else {
            failing = true;
            warn.accept(line);
        }
    }
}
