package dev.tutti.deploy.machine;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.KernelFingerprint;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.Acceptable;
import dev.tutti.proto.failure.WireException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a worker process of this machine says of itself when it joins a run. */
public final class ThisProcess {
    private ThisProcess() {}

    /** Returns what a process of so many workers says of itself when it joins. */
    public static ProcessInfo info(Kernel kernel, int workers, String host) {
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
