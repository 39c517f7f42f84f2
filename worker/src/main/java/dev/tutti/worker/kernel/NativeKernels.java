package dev.tutti.worker.kernel;

import dev.tutti.common.kernel.BlasKernel;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.PlainKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the kernel of this process: OpenBLAS from the class path, or the plain one.
 *
 * <p>OpenBLAS is unpacked once a version into the user's cache, {@code
 * ~/.cache/tutti/native/openblas-0.3.31-1.5.13-linux-x86_64}, and stays loaded until the process
 * ends.
 */
public final class NativeKernels {
    /** The values of an option that names a kernel. */
    public static final List<String> NAMES = List.of("openblas", "plain");

    private static final Logger LOG = LoggerFactory.getLogger(NativeKernels.class);

    private final Path cache;

    /**
     * Unpacks below {@code cache}.
     *
     * @param cache a directory that only the user should be able to write to; made if need be
     */
    public NativeKernels(Path cache) {
        this.cache = cache;
    }

    /** Returns the fastest kernel there is; the log says why if it is the plain one. */
    public Kernel best() {
        try {
            return openBlas();
        } catch (KernelUnavailableException e) {
            LOG.warn("{}; using the plain kernel, which is several times slower", e.getMessage());
            return new PlainKernel();
        }
    }

    /**
     * Returns the kernel of this name.
     *
     * @param name one of {@link #NAMES}
     * @throws KernelUnavailableException if there is none of this name, or it cannot be loaded here
     */
    public Kernel named(String name) {
        return switch (name) {
            case "openblas" -> openBlas();
            case "plain" -> new PlainKernel();
            default ->
                    throw new KernelUnavailableException(
                            "unknown kernel \"%s\"; there are: %s"
                                    .formatted(name, String.join(", ", NAMES)));
        };
    }

    private Kernel openBlas() {
        var system = System.getProperty("os.name");
        var architecture = System.getProperty("os.arch");
        var platform =
                Platform.of(system, architecture)
                        .orElseThrow(() ->
                                new KernelUnavailableException(
                                        "kernel openblas has no binary for %s on %s; use plain"
                                                .formatted(system, architecture)));
        try {
            return open(platform);
        } catch (IOException | IllegalArgumentException | IllegalCallerException e) {
            throw new KernelUnavailableException(
                    "kernel openblas cannot be loaded on %s: %s".formatted(platform.name(), e));
        }
    }

    private Kernel open(Platform platform) throws IOException {
        var directory = cache.resolve("openblas-%s-%s".formatted(version(), platform.name()));
        var folder = "org/bytedeco/openblas/" + platform.name();
        var files = NativeLibraries.unpack(folder, platform.libraries(), directory);
        // In order, by path: only OpenBLAS itself looks for its neighbours in its own directory,
        // the
        // libraries below it would take the system's, or fail where there are none.
        for (var file : files.subList(0, files.size() - 1)) {
            SymbolLookup.libraryLookup(file, Arena.global());
        }
        return new BlasKernel(SymbolLookup.libraryLookup(files.getLast(), Arena.global()));
    }

    private static String version() throws IOException {
        var path = "META-INF/maven/org.bytedeco/openblas/pom.properties";
        try (var in = NativeKernels.class.getClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new IOException("%s is not on the class path".formatted(path));
            }
            var properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        }
    }
}
