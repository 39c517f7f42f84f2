package dev.tutti.deploy;

import dev.tutti.common.kernel.Kernel;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that names a kernel, for every command that computes. */
final class KernelOption {
    @Option(
            names = "--kernel",
            paramLabel = "NAME",
            description = "openblas or plain; default: openblas where there is a binary")
    Optional<String> name = Optional.empty();

    /** Returns the kernel of that name, or the fastest there is. */
    Kernel choose() {
        return Kernels.choose(name);
    }
}
