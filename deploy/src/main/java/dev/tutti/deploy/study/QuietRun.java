package dev.tutti.deploy.study;

import dev.tutti.common.step.message.Decision;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.run.RunAudience;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A run of a study: nothing of it is printed, and it is stopped when the budget is over. */
final class QuietRun implements RunAudience {
    private final Optional<Duration> longest;
    private final String advice;
    private volatile @Nullable RunOutcome outcome;
    private volatile boolean overBudget;

    /**
     * Makes the audience of a run.
     *
     * @param longest what is left of the budget, if there is one
     * @param advice what the user is told if a signal stops the run
     */
    QuietRun(Optional<Duration> longest, String advice) {
        this.longest = longest;
        this.advice = advice;
    }

    @Override
    public PrintStream progress() {
        return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }

    @Override
    public void started(Coordinator coordinator) {
        longest.ifPresent(time ->
                CompletableFuture.delayedExecutor(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS)
                        .execute(() -> {
                            if (outcome == null) {
                                overBudget = true;
                                var _ = coordinator.stop();
                            }
                        }));
    }

    @Override
    public ExitCode ended(RunOutcome how, Path directory) {
        outcome = how;
        return switch (how) {
            case RunOutcome.Completed _ -> ExitCode.OK;
            case RunOutcome.Stopped(var step, _, _) -> {
                if (!overBudget) {
                    System.err.printf("stopped after step %d of a run; %s%n", step, advice);
                }
                yield ExitCode.TERMINATED;
            }
            case RunOutcome.Unwritten(var reason, _) ->
                    throw new UserException(
                            ExitCode.OUTPUT,
                            "the results of %s cannot be written: %s; make room, and start the study again"
                                    .formatted(directory, reason));
            case RunOutcome.Aborted(var kind, var reason, _) ->
                    throw new UserException(codeOf(kind), reason);
        };
    }

    private static ExitCode codeOf(Decision.Failure kind) {
        return switch (kind) {
            case NO_WORKERS -> ExitCode.NO_WORKERS;
            case DIVERGED -> ExitCode.DIVERGED;
            case SHARD_FAILED -> ExitCode.SHARD_FAILED;
            case DISPUTED -> ExitCode.DISPUTED;
        };
    }

    /** Returns the step at which the run was stopped; none if it was not. */
    Optional<Long> stoppedAt() {
        return outcome instanceof RunOutcome.Stopped stopped
                ? Optional.of(stopped.step())
                : Optional.empty();
    }

    /** Tells whether the run was stopped because the budget was over. */
    boolean isOverBudget() {
        return overBudget;
    }
}
