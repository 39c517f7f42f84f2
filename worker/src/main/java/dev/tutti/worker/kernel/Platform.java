package dev.tutti.worker.kernel;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A platform that OpenBLAS, and perhaps oneDNN, is packaged for.
 *
 * @param name as in the package's paths: {@code linux-x86_64}
 * @param libraries file names in the order of loading, each after those it needs; OpenBLAS last
 * @param oneDnn the same for oneDNN, its OpenMP library first; empty where it is not used
 */
record Platform(String name, List<String> libraries, List<String> oneDnn) {
    private static final List<Platform> ALL =
            List.of(
                    new Platform(
                            "linux-x86_64",
                            List.of(
                                    "libgcc_s.so.1",
                                    "libquadmath.so.0",
                                    "libgfortran.so.5",
                                    "libopenblas.so.0"),
                            List.of("libgomp.so.1", "libdnnl.so.3")),
                    new Platform(
                            "linux-arm64",
                            List.of("libgcc_s.so.1", "libgfortran.so.5", "libopenblas.so.0"),
                            List.of()),
                    new Platform(
                            "macosx-arm64",
                            List.of(
                                    "libgcc_s.1.1.dylib",
                                    "libquadmath.0.dylib",
                                    "libgfortran.5.dylib",
                                    "libopenblas.0.dylib"),
                            List.of()));

    /** Returns the platform of these system properties, if OpenBLAS is packaged for it. */
    static Optional<Platform> of(String osName, String osArchitecture) {
        var name = system(osName) + "-" + architecture(osArchitecture);
        return ALL.stream().filter(platform -> platform.name().equals(name)).findFirst();
    }

    private static String system(String osName) {
        var lower = osName.toLowerCase(Locale.ROOT);
        return lower.startsWith("mac") ? "macosx" : lower;
    }

    private static String architecture(String osArchitecture) {
        return switch (osArchitecture) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm64";
            default -> osArchitecture;
        };
    }
}
