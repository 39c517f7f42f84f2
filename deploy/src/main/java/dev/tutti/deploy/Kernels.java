package dev.tutti.deploy;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.KernelFingerprint;
import dev.tutti.common.step.ProcessInfo;
import dev.tutti.worker.kernel.KernelUnavailableException;
import dev.tutti.worker.kernel.NativeKernels;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** The kernel of this process, and how the process introduces itself with it. */
final class Kernels {
    private Kernels() {}

    /** Returns the kernel of that name, or the fastest there is. */
    static Kernel choose(Optional<String> name) {
        var kernels = new NativeKernels(Sources.cacheFolder().resolve("native"));
        try {
            return name.map(kernels::named).orElseGet(kernels::best);
        } catch (KernelUnavailableException | IllegalArgumentException e) {
            throw new UserException(ExitCode.USAGE, "--kernel: " + e.getMessage());
        }
    }

    static ProcessInfo introduce(Kernel kernel, int workers) {
        return new ProcessInfo(
                workers,
                hostName(),
                ProcessHandle.current().pid(),
                kernel.name(),
                KernelFingerprint.of(kernel));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "localhost";
        }
    }
}
