package dev.tutti.deploy.option;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.vector.Precision;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.machine.KernelChoice;
import dev.tutti.worker.kernel.NativeKernels;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that name a kernel, for every command that computes. */
public final class KernelOption {
    @Option(
            names = "--kernel",
            paramLabel = "NAME",
            description = {
                "onednn, openblas or plain; default: onednn on processors with AVX-512, openblas on",
                "others, plain where there is no binary"
            })
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "fp32",
            description = {
                "of matrix products: fp32, or bf16, which rounds their operands to bfloat16 and",
                "adds in fp32; default: ${DEFAULT-VALUE}"
            })
    private String precision = "fp32";

    /** Returns the kernel of that name, or the fastest there is. */
    public Kernel choose() {
        return switch (precision()) {
            case FP32 -> KernelChoice.choose(name);
            case BF16 -> KernelChoice.chooseBf16(name);
        };
    }

    /**
     * Returns arguments with which another process takes a kernel that was chosen here, or none.
     */
    public List<String> arguments(Kernel chosen) {
        return List.of("--precision", precision().text(), "--kernel", NativeKernels.nameOf(chosen));
    }

    /**
     * Refuses a name that no kernel has, before a process is started with it.
     *
     * @throws UserException if there is no kernel of that name
     */
    public void requireName() {
        precision();
        name.ifPresent(KernelChoice::requireName);
    }

    private Precision precision() {
        try {
            return Precision.named("--precision", precision);
        } catch (IllegalArgumentException e) {
            throw new UserException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }
}
