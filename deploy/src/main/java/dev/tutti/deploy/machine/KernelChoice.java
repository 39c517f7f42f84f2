package dev.tutti.deploy.machine;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.worker.kernel.KernelUnavailableException;
import dev.tutti.worker.kernel.NativeKernels;
import java.util.Optional;
import java.util.function.Function;

/** The choice of the kernel that this process computes with. */
public final class KernelChoice {
    private KernelChoice() {}

    /** Returns the kernel of that name, or the fastest there is. */
    public static Kernel choose(Optional<String> name) {
        return chosen(kernels -> name.map(kernels::named).orElseGet(kernels::best));
    }

    /** Returns a kernel that rounds operands to 16 bits. */
    public static Kernel chooseBf16(Optional<String> name) {
        return chosen(kernels -> kernels.bf16(name));
    }

    private static Kernel chosen(Function<NativeKernels, Kernel> choice) {
        try {
            return choice.apply(
                    new NativeKernels(
                            LocalData.cacheFolder().resolve("native"), KernelChoice::warn));
        } catch (KernelUnavailableException | IllegalArgumentException e) {
            throw new UserException(ExitCode.USAGE, "--kernel: " + e.getMessage());
        }
    }

    /**
     * Says at once why a kernel is not the usual one: the kernel determines the bits of the
     * weights.
     */
    private static void warn(String line) {
        System.err.println("warning: " + line);
    }

    /** Refuses a name that no kernel has. */
    public static void requireName(String name) {
        try {
            NativeKernels.requireName(name);
        } catch (KernelUnavailableException e) {
            throw new UserException(ExitCode.USAGE, "--kernel: " + e.getMessage());
        }
    }
}
