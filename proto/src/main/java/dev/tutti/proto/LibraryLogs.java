package dev.tutti.proto;

import dev.tutti.proto.life.Threads;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps gRPC from printing stacks for what strangers send and for names that cannot be resolved:
 * the gate and the worker say each in one line. What gRPC keeps to itself but for its log, an error
 * of the JVM on one of its threads, ends the process.
 */
final class LibraryLogs {
    /** Held, since a logger that nobody holds forgets its level. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    static {
        GRPC.setLevel(Level.SEVERE);
        GRPC.setUseParentHandlers(false);
        GRPC.addHandler(new ToLog());
    }

    private LibraryLogs() {}

    /** Has them quiet from now on. */
    static void quiet() {
        // They are once this class is there.
    }

    /** A warning in the log of this process, which standard error does not show. */
    private static final class ToLog extends Handler {
        private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LibraryLogs.class);

        @Override
        public void publish(LogRecord entry) {
            var thrown = entry.getThrown();
            if (thrown != null) {
                Threads.failedIfError(thrown);
            }
            LOG.warn("gRPC: {}", entry.getMessage(), thrown);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
