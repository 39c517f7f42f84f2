package dev.tutti.deploy;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.RunOutcome;
import dev.tutti.coordinator.RunSummary;
import dev.tutti.proto.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * One run, from the prepared start to the printed end; {@code train} and {@code coordinator} share
 * it.
 *
 * @param options what to train
 * @param command whose options are written down with the run
 */
record Training(RunOptions options, CommandSpec command) {
    /** Starts the workers that come with a command. */
    interface WorkerStart {
        /** Returns what ends them. */
        Workers start(ActorSystem<?> system, Coordinator coordinator, Progress progress);
    }

    /** Workers that a command started. */
    interface Workers extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Runs until the outcome is there and prints it.
     *
     * @param transport where workers come from
     */
    ExitCode run(PreparedRun run, Transport transport, WorkerStart workers) {
        var directory = run.plan().directory();
        RunDirectory.create(directory, ConfigFile.write(command));
        Logs.toFile(directory.resolve("logs").resolve("coordinator.log"));
        var system = ActorSystem.create(Behaviors.empty(), "tutti");
        try {
            var outcome = showing(run, transport, workers, system);
            return report(outcome, directory);
        } finally {
            system.terminate();
        }
    }

    private static RunOutcome showing(
            PreparedRun run, Transport transport, WorkerStart workers, ActorSystem<?> system) {
        try (var progress = Progress.start(run.plan().steps(), run.stepsPerEpoch())) {
            introduce(run, progress);
            return outcome(run, transport, workers, system, progress);
        }
    }

    private static RunOutcome outcome(
            PreparedRun run,
            Transport transport,
            WorkerStart workers,
            ActorSystem<?> system,
            Progress progress) {
        try (var coordinator =
                        Coordinator.start(
                                system,
                                run.plan(),
                                run.dataset(),
                                run.file(),
                                List.of(transport),
                                progress);
                var _ = workers.start(system, coordinator, progress)) {
            return coordinator.outcome().toCompletableFuture().join();
        } catch (IOException e) {
            Logs.close();
            RunDirectory.discard(run.plan().directory());
            throw new UserException(
                    ExitCode.ADDRESS,
                    "cannot listen on %s: %s; give another address"
                            .formatted(transport.address(), rootMessage(e)));
        }
    }

    private static void introduce(PreparedRun run, Progress progress) {
        var spec = run.spec();
        progress.line(
                "%s: %d samples of %s, %d outputs; model %s, loss %s"
                        .formatted(
                                spec.data(),
                                run.dataset().count(),
                                spec.input(),
                                spec.outputs(),
                                spec.model(),
                                spec.loss()));
        progress.line(
                "%d steps of %d samples in %d shards; the run is in %s"
                        .formatted(
                                run.plan().steps(),
                                spec.batch(),
                                spec.shards(),
                                run.plan().directory()));
    }

    private ExitCode report(RunOutcome outcome, Path directory) {
        return switch (outcome) {
            case RunOutcome.Completed(var summary) -> {
                if (options.json) {
                    System.out.println(summary.toJson());
                } else {
                    print(summary, directory);
                }
                yield ExitCode.OK;
            }
            case RunOutcome.Aborted(var kind, var reason) ->
                    throw new UserException(
                            switch (kind) {
                                case NO_WORKERS -> ExitCode.NO_WORKERS;
                                case DIVERGED -> ExitCode.DIVERGED;
                                case SHARD_FAILED -> ExitCode.SHARD_FAILED;
                            },
                            reason);
        };
    }

    private static void print(RunSummary summary, Path directory) {
        System.out.printf(
                "trained   %d steps, %d epochs, %d samples in %.1f s (%.0f samples/s, step p50 %.2f ms, p95 %.2f ms)%n",
                summary.steps(),
                summary.epochs(),
                summary.samples(),
                summary.seconds(),
                summary.samplesPerSecond(),
                summary.stepMillisP50(),
                summary.stepMillisP95());
        System.out.printf(
                "workers   %d, %d lost, %d shards reassigned; every sample counted once: %s%n",
                summary.workers(),
                summary.lostWorkers(),
                summary.reassignedShards(),
                summary.ledgerExact() ? "yes" : "NO");
        print("train", summary.trainLoss(), null);
        print("valid", summary.validationLoss(), summary.validationAccuracy());
        print("test", summary.testLoss(), summary.testAccuracy());
        System.out.printf("weights   %s%n", summary.weightsDigest());
        System.out.printf("run       %s%n", directory);
    }

    private static void print(String part, @Nullable Double loss, @Nullable Double accuracy) {
        if (loss != null) {
            System.out.printf(
                    "%-9s loss %.4f%s%n",
                    part, loss, accuracy == null ? "" : ", accuracy %.4f".formatted(accuracy));
        }
    }

    private static String rootMessage(Throwable failure) {
        var root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** Tells of workers that the shards are too few for. */
    static void warnOfIdleWorkers(PreparedRun run, int count, Progress progress) {
        if (count > run.spec().shards()) {
            progress.warned(
                    "%d workers share %d shards: %d will be idle; --shards %d would use all, and train other bits"
                            .formatted(
                                    count,
                                    run.spec().shards(),
                                    count - run.spec().shards(),
                                    count));
        }
    }
}
