package dev.tutti.deploy.bench.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What this machine's loopback carries, as iperf3 measures it.
 *
 * @param iperf3 the program
 */
public record Loopback(Path iperf3) {
    private static final Duration TIME_MAX = Duration.ofMinutes(1);
    private static final String ADDRESS = "127.0.0.1";
    private static final long SERVER_START_NANOS = 300_000_000;

    /** Returns the iperf3 of the path, if there is one. */
    public static Optional<Loopback> find() {
        return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "iperf3"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Loopback::new);
    }

    /** Returns the bytes that one connection carries one way in a second. */
    public double bytesPerSecond(double seconds) {
        var port = Integer.toString(freePort());
        var program = iperf3.toString();
        var serve = List.of(program, "--server", "--one-off", "--bind", ADDRESS, "--port", port);
        try (var server = Child.start("the iperf3 server", serve, Map.of())) {
            // It says nothing when it listens.
            LockSupport.parkNanos(SERVER_START_NANOS);
            if (!server.isAlive()) {
                throw server.failure();
            }
            var time = Long.toString(Math.max(1, Math.round(seconds)));
            var ask =
                    List.of(program, "--client", ADDRESS, "--port", port, "--time", time, "--json");
            try (var client = Child.start("iperf3", ask, Map.of())) {
                return bytesPerSecond(client.output(TIME_MAX));
            }
        }
    }

    /** Reads what iperf3 printed. */
    public static double bytesPerSecond(String output) {
        var name = "iperf3";
        return Json.positive(name, Json.parse(name, output), "end/sum_received/bits_per_second")
                / Byte.SIZE;
    }

    /** Returns a port of loopback that nobody listens on now. */
    public static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new BenchException("no free port: " + e.getMessage(), e);
        }
    }
}
