package dev.tutti.coordinator.record;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Something that may fail again and again: its user is warned once until it works again. */
final class Failing {
    private static final Logger LOG = LoggerFactory.getLogger(Failing.class);

    private final Consumer<String> warn;
    private boolean failing;

    Failing(Consumer<String> warn) {
        this.warn = warn;
    }

    void works() {
        failing = false;
    }

    void fails(String line) {
        if (failing) {
            LOG.warn("{}", line);
        } else {
            failing = true;
            warn.accept(line);
        }
    }
}
