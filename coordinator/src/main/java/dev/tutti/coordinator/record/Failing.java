package dev.tutti.coordinator.record;

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

    public void fails(String line) {
        if (failing) {
            LOG.warn("{}", line);
        } else {
            failing = true;
            warn.accept(line);
        }
    }
}
