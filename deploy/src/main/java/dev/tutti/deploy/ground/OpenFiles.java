package dev.tutti.deploy.ground;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files and connections that this process may have open.
 *
 * @param limit as many as it may
 * @param open as many as it has
 */
public record OpenFiles(long limit, long open) {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path OPEN = Path.of("/proc/self/fd");
    private static final Pattern LIMIT = Pattern.compile("(?m)^Max open files +(\\d+)");

    /** Looks at this process; empty if the system does not tell. */
    public static Optional<OpenFiles> look() {
        // Linux tells in files, which takes a tenth of the time of the JVM's own way.
        try (var open = Files.list(OPEN)) {
            var limit = LIMIT.matcher(Files.readString(LIMITS));
            return limit.find()
                    ? Optional.of(new OpenFiles(Long.parseLong(limit.group(1)), open.count()))
                    : Optional.empty();
        } catch (IOException _) {
            return byJvm();
        }
    }

    private static Optional<OpenFiles> byJvm() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? Optional.of(
                        new OpenFiles(
                                unix.getMaxFileDescriptorCount(),
                                unix.getOpenFileDescriptorCount()))
                : Optional.empty();
    }
}
