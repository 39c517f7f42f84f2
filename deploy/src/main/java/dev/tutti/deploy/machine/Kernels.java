package dev.tutti.deploy.machine;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.KernelFingerprint;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.Acceptable;
import dev.tutti.proto.failure.WireException;
import dev.tutti.worker.kernel.KernelUnavailableException;
import dev.tutti.worker.kernel.NativeKernels;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** The kernel of this process, and how the process introduces itself with it. */
public final class Kernels {
    private Kernels() {}

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
                    new NativeKernels(Sources.cacheFolder().resolve("native"), Kernels::warn));
        } catch (KernelUnavailableException | IllegalArgumentException e) {
            throw new UserException(ExitCode.USAGE, "--kernel: " + e.getMessage());
        }
    }

    /** Says at once why a kernel is not the usual one: it decides on the bits of the weights. */
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

    /** Returns how a process of so many workers introduces itself. */
    public static ProcessInfo introduce(Kernel kernel, int workers, String host) {
        return new ProcessInfo(
                workers,
                host,
                ProcessHandle.current().pid(),
                kernel.name(),
                KernelFingerprint.of(kernel));
    }

    /** Refuses a process of so many workers if every coordinator would. */
    public static void requireAcceptable(int workers) {
        try {
            Acceptable.require(new ProcessInfo(workers, hostName(), 1, "", ""));
        } catch (WireException e) {
            throw new UserException(
                    ExitCode.USAGE,
                    "no coordinator takes this process: %s; spread the workers over more processes"
                            .formatted(e.getMessage()));
        }
    }

    /** Returns this machine's host name, also where no name server and no file knows it. */
    public static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException _) {
            return nameOfAddress();
        }
    }

    private static String nameOfAddress() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "localhost";
        }
    }
}
