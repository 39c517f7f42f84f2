package dev.tutti.deploy.local;

import dev.tutti.deploy.option.AccessOptions;
import dev.tutti.proto.access.RunToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * How a worker process of this machine is started.
 *
 * @param port of the coordinator
 * @param token that it shows
 * @param kernel options that choose its kernel
 * @param logs folder for the logs
 * @param environment more variables for the process of a number
 */
public record WorkerLaunch(
        int port,
        Optional<RunToken> token,
        List<String> kernel,
        Path logs,
        IntFunction<Map<String, String>> environment) {
    /** The program's main class. It knows its commands, which know this class. */
    private static final String MAIN = "dev.tutti.deploy.Main";

    private static final int PATIENCE_SECONDS = 10;
    private static final int TAIL_BYTES = 1 << 14;

    /** How the line begins with which a command says why it ends. */
    private static final String SPOKEN = "tutti: ";

    /** Starts a process; the number is that of its log. */
    Process start(int number, int workers) throws IOException {
        var log = log(number);
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(LocalWorkers.inheritedFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(MAIN);
        command.addAll(List.of("worker", "--coordinator", "127.0.0.1:" + port));
        command.addAll(List.of("--workers", Integer.toString(workers)));
        command.addAll(List.of("--patience", Integer.toString(PATIENCE_SECONDS)));
        command.addAll(List.of("--log", log.toString()));
        command.addAll(kernel);
        var builder =
                new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .redirectErrorStream(true);
        builder.environment().putAll(environment.apply(number));
        // Not on the command line, which every user of the machine can read.
        token.ifPresent(
                secret -> builder.environment().put(AccessOptions.TOKEN_VARIABLE, secret.secret()));
        return builder.start();
    }

    private Path log(int number) {
        return logs.resolve("worker-" + number + ".log");
    }

    /** Returns what a process has said last of itself. */
    String lastLine(int number) {
        try {
            var lines = tail(log(number)).lines().filter(line -> !line.isBlank()).toList();
            return lines.reversed().stream()
                    .filter(line -> line.startsWith(SPOKEN))
                    .map(line -> line.substring(SPOKEN.length()))
                    .findFirst()
                    .orElseGet(() -> lines.isEmpty() ? "it said nothing" : lines.getLast());
        } catch (IOException e) {
            return "its log cannot be read: " + e.getMessage();
        }
    }

    private static String tail(Path log) throws IOException {
        try (var file = FileChannel.open(log)) {
            var end = ByteBuffer.allocate((int) Math.min(TAIL_BYTES, file.size()));
            file.read(end, file.size() - end.capacity());
            return new String(end.array(), 0, end.position(), StandardCharsets.UTF_8);
        }
    }
}
