package dev.tutti.deploy.local;

import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signals that the JDK has no method for, sent by the system's {@code kill}. */
enum Signal {
    /** Stand still. */
    STOP,
    /** Go on. */
    CONT,
    /** Die at once. */
    KILL;

    private static final Logger LOG = LoggerFactory.getLogger(Signal.class);

    /** Sends the signal, and returns when it is sent. */
    void send(ProcessHandle process) {
        try {
            var sent =
                    new ProcessBuilder("kill", "-" + name(), Long.toString(process.pid()))
                            .inheritIO()
                            .start()
                            .waitFor();
            if (sent != 0) {
                LOG.info("SIG{} could not be sent to {}", this, process.pid());
            }
        } catch (IOException e) {
            LOG.warn("SIG{} cannot be sent: {}", this, Reason.of(e));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
