package dev.tutti.worker.kernel;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.kernel.RoundedKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the kernel of this process: oneDNN or OpenBLAS from the class path, or the plain one.
 *
 * <p>A library is unpacked once a version into the user's cache, {@code
 * ~/.cache/tutti/native/openblas-0.3.31-1.5.13-linux-x86_64}, and stays loaded until the process
 * ends. Where the cache cannot be written, or nothing can be loaded from it, a temporary folder
 * takes its place; it is removed as soon as the library is loaded. So the kernel of a run, and with
 * it the bits of the weights, does not depend on the user's home.
 */
public final class NativeKernels {
    /** The values of an option that names a kernel. */
    public static final List<String> NAMES = List.of("onednn", "openblas", "plain");

    private static final Logger LOG = LoggerFactory.getLogger(NativeKernels.class);

    private final Path cache;
    private final List<Path> temporary;
    private final Consumer<String> warnings;

    /**
     * Unpacks below {@code cache}, or else below the system's folders for temporary files.
     *
     * @param cache a directory that only the user should be able to write to; made if need be
     * @param warnings is told of each reason why a kernel is not the usual one
     */
    public NativeKernels(Path cache, Consumer<String> warnings) {
        this(cache, PrivateFolders.temporary(), warnings);
    }

    /** Unpacks below {@code cache}; warnings go to the log. */
    public NativeKernels(Path cache) {
        this(cache, LOG::warn);
    }

    NativeKernels(Path cache, List<Path> temporary, Consumer<String> warnings) {
        this.cache = cache;
        this.temporary = temporary;
        this.warnings = warnings;
    }

    /**
     * Returns the kernel of choice: oneDNN on a processor with AVX-512, or else OpenBLAS; a warning
     * says why if that cannot be loaded.
     *
     * <p>Without AVX-512 oneDNN has to be asked for: on such a processor its bits were once seen to
     * differ between two threads, and that is not understood.
     */
    public Kernel best() {
        return oneDnnOfAvx512().orElseGet(this::openBlasOrPlain);
    }

    private Optional<Kernel> oneDnnOfAvx512() {
        if (here().filter(platform -> !platform.oneDnn().isEmpty()).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(oneDnn()).filter(OneDnnKernel::hasAvx512).map(Kernel.class::cast);
        } catch (KernelUnavailableException e) {
            warnings.accept(
                    "%s; using openblas, whose weights have other bits than those of onednn"
                            .formatted(e.getMessage()));
            return Optional.empty();
        }
    }

    private Kernel openBlasOrPlain() {
        try {
            return openBlas();
        } catch (KernelUnavailableException e) {
            warnings.accept(
                    "%s; using the plain kernel, which is several times slower and gives weights with other bits"
                            .formatted(e.getMessage()));
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
            case "onednn" -> oneDnn();
            case "openblas" -> openBlas();
            case "plain" -> new PlainKernel();
            default -> throw unknown(name);
        };
    }

    /** Returns which of {@link #NAMES} a kernel is, so that another process can take the same. */
    public static String nameOf(Kernel kernel) {
        return switch (kernel) {
            case OneDnnKernel _ -> "onednn";
            case BlasKernel _ -> "openblas";
            case RoundedKernel(var exact) -> nameOf(exact);
            default -> "plain";
        };
    }

    /**
     * Refuses a name that no kernel has, without loading any.
     *
     * @throws KernelUnavailableException if there is none of this name
     */
    public static void requireName(String name) {
        if (!NAMES.contains(name)) {
            throw unknown(name);
        }
    }

    private static KernelUnavailableException unknown(String name) {
        return new KernelUnavailableException(
                "unknown kernel \"%s\"; there are: %s".formatted(name, String.join(", ", NAMES)));
    }

    /**
     * Returns a kernel that rounds operands to 16 bits (bfloat16) and adds the products in single
     * precision: by the processor's instructions if it has them, or else with a line in the log, by
     * another kernel on rounded operands.
     *
     * @param name the kernel asked for, if any
     * @throws KernelUnavailableException if there is none of this name, or it cannot be loaded here
     */
    public Kernel bf16(Optional<String> name) {
        if (name.isEmpty() || name.get().equals("onednn")) {
            try {
                var kernel = oneDnn();
                if (kernel.hasBf16()) {
                    return kernel.bf16();
                }
            } catch (KernelUnavailableException e) {
                LOG.info("no 16-bit products: {}", e.getMessage());
            }
        }
        var exact = name.map(this::named).orElseGet(this::best);
        LOG.warn(
                "products in bf16 need a CPU with its instructions (AVX512_BF16 or AMX) and oneDNN;"
                        + " here operands are rounded to bf16 and multiplied in fp32 by {}: as"
                        + " accurate, not faster",
                exact.name());
        return new RoundedKernel(exact);
    }

    private OneDnnKernel oneDnn() {
        var platform = platform("onednn");
        if (platform.oneDnn().isEmpty()) {
            throw new KernelUnavailableException(
                    "kernel onednn has no binary for %s; use openblas".formatted(platform.name()));
        }
        var libraries = open("onednn", "dnnl", platform, platform.oneDnn());
        try {
            return new OneDnnKernel(libraries.getLast(), libraries.getFirst());
        } catch (IllegalArgumentException e) {
            throw unavailable("onednn", platform, e);
        }
    }

    private Kernel openBlas() {
        var platform = platform("openblas");
        var libraries = open("openblas", "openblas", platform, platform.libraries());
        try {
            return new BlasKernel(libraries.getLast());
        } catch (IllegalArgumentException e) {
            throw unavailable("openblas", platform, e);
        }
    }

    private static Optional<Platform> here() {
        return Platform.of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    private static Platform platform(String kernel) {
        return here().orElseThrow(() ->
                new KernelUnavailableException(
                        "kernel %s has no binary for %s on %s; use plain"
                                .formatted(
                                        kernel,
                                        System.getProperty("os.name"),
                                        System.getProperty("os.arch"))));
    }

    /** Loads the files of a package, in their order, from the first place that allows it. */
    private List<SymbolLookup> open(
            String kernel, String artifact, Platform platform, List<String> names) {
        var reasons = new ArrayList<String>();
        try {
            var folder = "org/bytedeco/%s/%s".formatted(artifact, platform.name());
            var directory =
                    cache.resolve("%s-%s-%s".formatted(kernel, version(artifact), platform.name()));
            try {
                return load(NativeLibraries.unpack(folder, names, directory));
            } catch (IOException | IllegalArgumentException e) {
                reasons.add(reason(e));
                LOG.info("{} is not unpacked to {}: {}", kernel, directory, reason(e));
            }
            for (var place : temporary) {
                try {
                    return loadFromTemporary(folder, names, place);
                } catch (IOException | IllegalArgumentException e) {
                    reasons.add(reason(e));
                }
            }
        } catch (IOException | IllegalCallerException e) {
            throw unavailable(kernel, platform, e);
        }
        throw new KernelUnavailableException(
                "kernel %s cannot be loaded on %s: %s; set XDG_CACHE_HOME or TMPDIR to a folder that can be written and executed from"
                        .formatted(kernel, platform.name(), String.join("; ", reasons)));
    }

    /** Unpacks to a folder for the user alone; what is loaded needs its file no more. */
    private static List<SymbolLookup> loadFromTemporary(
            String folder, List<String> names, Path place) throws IOException {
        var directory = Files.createTempDirectory(place, "tutti-native-");
        try {
            return load(NativeLibraries.unpack(folder, names, directory));
        } finally {
            for (var name : names) {
                Files.deleteIfExists(directory.resolve(name));
            }
            Files.deleteIfExists(directory);
        }
    }

    /**
     * Loads in order, by path: only the last one looks for its neighbours in its own directory, the
     * libraries below it would take the system's, or fail where there are none.
     */
    private static List<SymbolLookup> load(List<Path> files) {
        var libraries = new ArrayList<SymbolLookup>();
        for (var file : files) {
            libraries.add(SymbolLookup.libraryLookup(file, Arena.global()));
        }
        return libraries;
    }

    private static String reason(Exception e) {
        return e.getClass() == IOException.class || e instanceof IllegalArgumentException
                ? String.valueOf(e.getMessage())
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static KernelUnavailableException unavailable(
            String kernel, Platform platform, Exception e) {
        return new KernelUnavailableException(
                "kernel %s cannot be loaded on %s: %s".formatted(kernel, platform.name(), e));
    }

    private static String version(String artifact) throws IOException {
        var path = "META-INF/maven/org.bytedeco/%s/pom.properties".formatted(artifact);
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
