package dev.tutti.deploy.option;

import dev.tutti.deploy.cli.Address;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/**
 * The option that only looks whether a run could begin. A script that is to prepare other machines
 * for the run asks first, so that a wrong option costs no copying.
 */
public final class CheckOption {
    @Option(
            names = "--check",
            description =
                    "only check whether the run could begin: read options and data, write nothing, wait for no worker")
    public boolean only;

    /**
     * Looks at what options do not say.
     *
     * @throws UserException if nobody could listen at the address, or write to the folder
     */
    public ExitCode ground(Address address, Path directory) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            var bound = new InetSocketAddress(address.host(), address.port());
            if (bound.isUnresolved()) {
                throw new IOException("no address is known for " + address.host());
            }
            socket.bind(bound);
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.ADDRESS,
                    "cannot listen on %s:%d: %s; give another address"
                            .formatted(address.host(), address.port(), Reason.of(e)));
        }
        var existing = directory.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot write to %s: %s is no folder that can be written"
                            .formatted(directory, existing));
        }
        return ExitCode.OK;
    }
}
