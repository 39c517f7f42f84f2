package dev.tutti.deploy.bench.measure;

import dev.tutti.deploy.bench.peer.BenchException;
import dev.tutti.deploy.bench.peer.Child;
import dev.tutti.deploy.bench.peer.Distribution;
import dev.tutti.proto.Carrier;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * A run whose workers have nothing to compute: a coordinator as a user starts it, and processes
 * with {@link ReadyGradients} that join it.
 *
 * @param distribution whose coordinator is measured
 * @param carrier between the processes
 * @param processes that hand in gradients, one worker each
 * @param given options of the user for {@code tutti coordinator}
 */
record AverageRun(Distribution distribution, Carrier carrier, int processes, List<String> given) {
    private static final Pattern LISTENING = Pattern.compile("listening on \\S+:(\\d+) for");
    private static final long START_NANOS_MAX = 60_000_000_000L;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final long STEPS_WITHOUT_END = 1_000_000_000;
    private static final int SAMPLES = 256;

    /** Rounds of which every process must have been a part, of all. */
    private static final double WHOLE_ROUNDS_MIN = 0.99;

    /** Returns how many rounds there are in a second. */
    double roundsPerSecond(int floats, double warmUpSeconds, double seconds) {
        try (var scratch = Scratch.create()) {
            var data = writeData(scratch.folder().resolve("zeros.csv"));
            var run = scratch.folder().resolve("run");
            var workers = new ArrayList<Child>();
            try (var coordinator =
                    Child.start("tutti coordinator", coordinator(data, floats, run), Map.of())) {
                var port = port(coordinator);
                for (var i = 0; i < processes; i++) {
                    workers.add(Child.start("a worker", worker(port, data), Map.of()));
                }
                var log = run.resolve("steps.jsonl");
                var rate = StepRate.watch(log, coordinator, warmUpSeconds, seconds);
                requireWholeRounds(log, rate, processes);
                return rate.stepsPerSecond();
            } finally {
                // The coordinator has ended, and takes nobody's end for a loss.
                workers.forEach(Child::close);
            }
        }
    }

    /**
     * Sees to it that an average of so many processes was measured.
     *
     * @param log the run's steps.jsonl
     * @throws BenchException if some handed in nothing while others had two shares
     */
    static void requireWholeRounds(Path log, StepRate rate, int processes) {
        var whole =
                rate.ofLines(
                        log,
                        lines ->
                                lines.filter(line -> line.path("contributions").size() == processes)
                                        .count());
        if (whole < WHOLE_ROUNDS_MIN * rate.steps()) {
            throw new BenchException(
                    "a gradient came from each of %d processes in %d of %d rounds, expected in %.0f%%: measure again when the machine is quieter"
                            .formatted(processes, whole, rate.steps(), 100 * WHOLE_ROUNDS_MIN));
        }
    }

    /** An embedding has as many weights as wanted, in one piece, for any data. */
    private List<String> coordinator(Path data, int floats, Path run) {
        var command = new ArrayList<String>();
        command.add(distribution.launcher().toString());
        command.addAll(List.of("coordinator", "--listen", "127.0.0.1:0"));
        command.addAll(
                new TuttiOptions(given)
                        .with("--data", data)
                        .with("--loss", "mse")
                        .with("--validation", 0)
                        .with("--test", 0)
                        .with("--model", "embedding(%d,1)".formatted(floats))
                        .with("--optimizer", "sgd(rate=0.001)")
                        .with("--batch", processes)
                        .with("--shards", processes)
                        .with("--start-workers", processes)
                        .with("--carrier", carrier.name().toLowerCase(Locale.ROOT))
                        .with("--steps", STEPS_WITHOUT_END)
                        .with("--out", run)
                        .arguments());
        return command;
    }

    /** Another program of the same distribution and with this JVM's flags. */
    private List<String> worker(int port, Path data) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-agentlib") && !flag.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(List.of("-cp", distribution.home().resolve("lib") + File.separator + "*"));
        command.add(ReadyWorker.class.getName());
        command.addAll(List.of(Integer.toString(port), carrier.name(), data.toString()));
        return command;
    }

    private static int port(Child coordinator) {
        var until = System.nanoTime() + START_NANOS_MAX;
        while (System.nanoTime() < until && coordinator.isAlive()) {
            var listening = LISTENING.matcher(coordinator.errors());
            if (listening.find()) {
                return Integer.parseInt(listening.group(1));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw coordinator.isAlive()
                ? new BenchException("the coordinator does not listen: " + coordinator.errors())
                : coordinator.failure();
    }

    private static Path writeData(Path file) {
        try {
            return Files.writeString(file, "x,y\n" + "0,0\n0,1\n".repeat(SAMPLES / 2));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
