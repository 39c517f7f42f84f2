package dev.tutti.deploy.ground;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * The files and connections that this process may have open.
 *
 * @param limit as many as it may
 * @param open as many as it has
 */
public record OpenFiles(long limit, long open) {
    /** Looks at this process; empty if the system does not tell. */
    public static Optional<OpenFiles> look() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? Optional.of(
                        new OpenFiles(
                                unix.getMaxFileDescriptorCount(),
                                unix.getOpenFileDescriptorCount()))
                : Optional.empty();
    }
}
