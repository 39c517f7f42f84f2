package dev.tutti.deploy.bench;

import dev.tutti.deploy.bench.peer.Distribution;
import dev.tutti.deploy.bench.peer.Torch;
import dev.tutti.deploy.cli.Require;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of a measurement beside PyTorch. */
final class PeerOptions {
    @Option(
            names = "--python",
            paramLabel = "FILE",
            description =
                    "a Python with PyTorch; default: /usr/bin/python3, or the python3 of the path that has it")
    private Optional<Path> python = Optional.empty();

    @Option(
            names = "--any-blas",
            description = "compare even if PyTorch multiplies matrices with a slow BLAS")
    private boolean anyBlas;

    @Option(names = "--alone", description = "measure Tutti without a peer")
    private boolean alone;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "5",
            description = "measurements of each, in turn; default: ${DEFAULT-VALUE}")
    private int pairs;

    int pairs() {
        Require.positive("--pairs", pairs);
        return pairs;
    }

    /** Returns the peer; without one says why on standard error. */
    Optional<Torch> find(Distribution distribution) {
        if (alone) {
            return Optional.empty();
        }
        return switch (Torch.find(python, distribution, anyBlas)) {
            case Torch.Search.Found(var torch) -> Optional.of(torch);
            case Torch.Search.Absent(var line) -> {
                System.err.println("tutti: " + line + "; measuring Tutti alone");
                yield Optional.empty();
            }
        };
    }
}
