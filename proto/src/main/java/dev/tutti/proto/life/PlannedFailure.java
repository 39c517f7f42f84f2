package dev.tutti.proto.life;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets a test make the start of one {@link ProcessPart} fail, in a process of its own: the system
 * property names the part and the failure, as in {@code HEARTBEAT:OutOfMemoryError}. Without it
 * nothing is ever thrown.
 */
public final class PlannedFailure {
    /** The system property. */
    public static final String PROPERTY = "tutti.test.fail-start";

    private static final @Nullable String PLANNED = System.getProperty(PROPERTY);

    private PlannedFailure() {}

    /** Fails if a test has planned that this part does. */
    static void at(ProcessPart part) {
        if (PLANNED != null && PLANNED.startsWith(part.name() + ":")) {
            System.err.println("planned failure of " + part);
            fail(PLANNED.substring(part.name().length() + 1));
        }
    }

    private static void fail(String kind) {
        switch (kind) {
            case "OutOfMemoryError" -> throw new OutOfMemoryError("Java heap space");
            case "NoClassDefFoundError" -> throw new NoClassDefFoundError("dev/tutti/Planned");
            case "StackOverflowError" -> throw new StackOverflowError();
            case "Hang" -> LockSupport.park();
            default -> throw new IllegalStateException("planned");
        }
    }
}
