package dev.tutti.deploy.bench.peer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Python with PyTorch on this machine.
 *
 * @param python the program
 * @param pythonVersion its version
 * @param version of PyTorch
 * @param blas the libraries that it multiplies matrices with
 */
public record Torch(Path python, String pythonVersion, String version, List<String> blas) {
    private static final Path SYSTEM_PYTHON = Path.of("/usr/bin/python3");
    private static final Duration START_MAX = Duration.ofMinutes(1);

    /** The ones in use; a library of this name without one of them is the reference. */
    private static final List<String> FAST = List.of("openblas", "mkl", "blis");

    /** Environment of PyTorch's processes: threads belong to the BLAS alone. */
    static Map<String, String> environment(int threads) {
        return Map.of("OMP_NUM_THREADS", "1", "OPENBLAS_NUM_THREADS", Integer.toString(threads));
    }

    /** Copies the libraries. */
    public Torch {
        blas = List.copyOf(blas);
    }

    /** What a comparison with PyTorch can be made with. */
    public sealed interface Search {
        /** There is one. */
        record Found(Torch torch) implements Search {}

        /** There is none to compare with; the line says why, and what to do. */
        record Absent(String line) implements Search {}
    }

    /**
     * Looks for a Python with a PyTorch that multiplies with a fast BLAS.
     *
     * @param wanted the only one to look at
     * @param anyBlas whether a slow BLAS will do
     */
    public static Search find(Optional<Path> wanted, Distribution distribution, boolean anyBlas) {
        var found =
                wanted.map(Stream::of)
                        .orElseGet(Torch::pythons)
                        .flatMap(python -> ask(python, distribution).stream())
                        .findFirst();
        if (found.isEmpty()) {
            return new Search.Absent(
                    "no PyTorch to compare with in %s: install it (Debian: apt-get install python3-torch libopenblas0-pthread), or name a Python that has it with --python"
                            .formatted(
                                    wanted.map(Path::toString)
                                            .orElse(
                                                    "/usr/bin/python3 or the python3 of the path")));
        }
        return judge(found.get(), anyBlas);
    }

    /** Refuses a PyTorch that would be compared with its hands tied. */
    static Search judge(Torch torch, boolean anyBlas) {
        return anyBlas || torch.isFast()
                ? new Search.Found(torch)
                : new Search.Absent(
                        "the PyTorch of %s multiplies with %s, which can be 20 times slower than OpenBLAS: a comparison would say nothing; install it (Debian: apt-get install libopenblas0-pthread), or insist with --any-blas"
                                .formatted(
                                        torch.python(),
                                        torch.blas().isEmpty()
                                                ? "an unknown BLAS"
                                                : String.join(", ", torch.blas())));
    }

    /** Reads what {@code torch_info.py} printed. */
    static Torch parse(Path python, String output) {
        var said = Json.lastLine(python.toString(), output);
        var blas = new ArrayList<String>();
        said.path("blas").forEach(library -> blas.add(library.asText()));
        return new Torch(python, said.path("python").asText(), said.path("torch").asText(), blas);
    }

    /** Returns it as one line. */
    public String text() {
        return "%s, Python %s, %s; OMP_NUM_THREADS=1, OPENBLAS_NUM_THREADS as its threads, OPENBLAS_CORETYPE %s"
                .formatted(
                        version,
                        pythonVersion,
                        String.join(
                                ", ",
                                blas.stream()
                                        .map(library -> library.replaceFirst(".*/", ""))
                                        .toList()),
                        Optional.ofNullable(System.getenv("OPENBLAS_CORETYPE")).orElse("not set"));
    }

    private boolean isFast() {
        return blas.stream()
                .map(library -> library.replaceFirst(".*/", "").toLowerCase(Locale.ROOT))
                .anyMatch(library -> FAST.stream().anyMatch(library::contains));
    }

    private static Optional<Torch> ask(Path python, Distribution distribution) {
        var command = List.of(python.toString(), distribution.script("torch_info.py").toString());
        try (var child = Child.start(python.toString(), command, environment(1))) {
            return Optional.of(parse(python, child.output(START_MAX)));
        } catch (BenchException _) {
            return Optional.empty();
        }
    }

    private static Stream<Path> pythons() {
        var path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(
                        Stream.of(SYSTEM_PYTHON),
                        Stream.of(path.split(":"))
                                .filter(folder -> !folder.isEmpty())
                                .map(folder -> Path.of(folder, "python3")))
                .filter(Files::isExecutable)
                .distinct();
    }
}
