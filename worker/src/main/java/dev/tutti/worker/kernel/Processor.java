package dev.tutti.worker.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What this machine's processor can do, as far as the choice of a kernel asks. */
final class Processor {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Processor() {}

    /**
     * Tells whether the widest vector instructions are those of AVX2; false where that is unknown.
     */
    static boolean hasAvx2AtMost() {
        try {
            return hasAvx2AtMost(Files.readString(CPU_INFO, StandardCharsets.UTF_8));
        } catch (IOException _) {
            return false;
        }
    }

    static boolean hasAvx2AtMost(String cpuInfo) {
        return cpuInfo.lines()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line -> Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
                .filter(flags -> flags.contains("avx2") && !flags.contains("avx512f"))
                .isPresent();
    }
}
