package dev.tutti.deploy;

import dev.tutti.deploy.bench.peer.Loopback;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/**
 * Loads what runs load: a short run within this process, and one whose worker joins through a
 * socket. The launcher records the classes, and starts quickly from then on.
 */
final class Rehearsal {
    private static final String STEPS = "60";

    private Rehearsal() {}

    /**
     * Runs.
     *
     * @param args the folder for the runs
     * @throws IllegalStateException if a run failed
     */
    public static void main(String[] args) {
        var end = Main.begin();
        var folder = Path.of(args[0]);
        var alone = alone(folder.resolve("alone"));
        var joined = joined(folder.resolve("joined"));
        if (alone + joined > 0) {
            throw new IllegalStateException(
                    "runs ended with exit codes %d and %d".formatted(alone, joined));
        }
        end.exit(0);
    }

    private static int alone(Path out) {
        return Main.run("train", "--steps", STEPS, "--out", out.toString());
    }

    private static int joined(Path out) {
        var address = "127.0.0.1:" + Loopback.freePort();
        try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            var coordinator =
                    CompletableFuture.supplyAsync(
                            () ->
                                    Main.run(
                                            "coordinator",
                                            "--listen",
                                            address,
                                            "--start-workers",
                                            "1",
                                            "--steps",
                                            STEPS,
                                            "--out",
                                            out.toString()),
                            threads);
            var worker = Main.run("worker", "--coordinator", address);
            return Math.max(worker, coordinator.join());
        }
    }
}
