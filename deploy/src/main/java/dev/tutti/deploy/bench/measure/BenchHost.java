package dev.tutti.deploy.bench.measure;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where and when something was measured.
 *
 * @param cpu the processor's model
 * @param cores that this process may use
 * @param os name, version and architecture
 * @param loadBefore the system's load average of the minute before; negative if unknown
 */
public record BenchHost(String cpu, int cores, String os, double loadBefore) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    /** Returns the state of this machine now. */
    public static BenchHost now() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        return new BenchHost(
                model(),
                system.getAvailableProcessors(),
                "%s %s %s".formatted(system.getName(), system.getVersion(), system.getArch()),
                system.getSystemLoadAverage());
    }

    /** Returns it as one line. */
    public String text() {
        return "%s, %d cores, %s, load %.2f before".formatted(cpu, cores, os, loadBefore);
    }

    private static String model() {
        try (var lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.replaceFirst("^[^:]*:\\s*", ""))
                    .findFirst()
                    .orElse("unknown processor");
        } catch (IOException _) {
            return "unknown processor";
        }
    }
}
