package dev.tutti.common.step;

import dev.tutti.common.step.Decision.Failure;
import java.util.function.LongFunction;

/**
 * Takes the results of the work at hand in: those that are in order are kept and added up, those
 * that are not are refused and computed again, and too many of those end the run (law 8).
 */
final class Intake {
    private static final int FAILURES_MAX = 8;
    private static final int NOT_FINITE_MAX = 2;

    /** What a result led to. */
    sealed interface Outcome {
        /** The work waits for more. */
        record Waiting() implements Outcome {}

        /** All results of the work are in. */
        record Complete() implements Outcome {}

        /** The run cannot go on. */
        record Hopeless(Failure kind, String reason) implements Outcome {}
    }

    private static final Outcome WAITING = new Outcome.Waiting();

    private final Results results;
    private final Leasing leasing;
    private final TrainingCourse course;
    private final LongFunction<String> names;
    private final Outbox out;
    private int failures;
    private int notFinite;

    /**
     * Makes the intake of a run.
     *
     * @param names tells which parameter an index of the flat vector belongs to
     */
    Intake(
            Results results,
            Leasing leasing,
            TrainingCourse course,
            LongFunction<String> names,
            Outbox out) {
        this.results = results;
        this.leasing = leasing;
        this.course = course;
        this.names = names;
        this.out = out;
    }

    /** Forgets the work before. */
    void begin() {
        results.clear();
        failures = 0;
        notFinite = 0;
    }

    Outcome contributed(Member member, ToCoordinator.Contribution contribution, long now) {
        var current = leasing.current(member, contribution.lease());
        if (current.isEmpty()) {
            contribution.values().release();
            return WAITING;
        }
        var held = current.get();
        var refusal = results.check(contribution);
        if (refusal.isPresent()) {
            contribution.values().release();
            return refuse(member, held, refusal.get(), now);
        }
        var reduced = results.take(held, contribution);
        if (held.isComplete()) {
            leasing.completed(held, now);
        }
        return switch (reduced) {
            case WAITING -> {
                // A chunk that others have brought already takes no memory: its sender may go on.
                leasing.giveCredit(held, results.reducedChunks());
                yield WAITING;
            }
            case REDUCED -> {
                leasing.giveCredit(results.reducedChunks());
                yield results.isStepComplete() ? new Outcome.Complete() : WAITING;
            }
            case NOT_FINITE -> notFinite(now);
        };
    }

    Outcome evaluated(Member member, ToCoordinator.Evaluated evaluated, long now) {
        var current = leasing.current(member, evaluated.lease());
        if (current.isEmpty()) {
            return WAITING;
        }
        var held = current.get();
        var refusal = results.check(evaluated);
        if (refusal.isPresent()) {
            return refuse(member, held, refusal.get(), now);
        }
        results.take(held, evaluated);
        leasing.completed(held, now);
        return results.isEvaluationComplete() ? new Outcome.Complete() : WAITING;
    }

    Outcome failed(Member member, ToCoordinator.Failed failed, long now) {
        return leasing.current(member, failed.lease())
                .map(held ->
                        again(
                                held,
                                "%s failed: %s".formatted(failed.lease(), failed.reason()),
                                now))
                .orElse(WAITING);
    }

    private Outcome refuse(Member member, HeldLease held, Rejection why, long now) {
        out.add(new Decision.Rejected(member.process, why));
        return why.kind() == Rejection.Kind.NOT_FINITE && ++notFinite >= NOT_FINITE_MAX
                ? diverged(why.detail())
                : again(held, why.detail(), now);
    }

    private Outcome again(HeldLease held, String reason, long now) {
        if (++failures >= FAILURES_MAX) {
            return new Outcome.Hopeless(
                    Failure.SHARD_FAILED,
                    "%d results of %s were refused or failed, the last one: %s"
                            .formatted(failures, leasing.work(), reason));
        }
        out.note(reason);
        results.withdraw(held.lease.shards());
        leasing.grantElsewhere(held, course.version(), now);
        return WAITING;
    }

    private Outcome notFinite(long now) {
        var place = results.firstNotFinite();
        var culprit =
                leasing.all().stream()
                        .filter(held -> held.lease.shards().equals(place.shards()))
                        .findFirst();
        var detail =
                "gradient of %s is %s at %s"
                        .formatted(
                                culprit.map(held -> held.lease.toString())
                                        .orElse(place.shards().toString()),
                                place.value(),
                                names.apply(place.index()));
        if (++notFinite >= NOT_FINITE_MAX) {
            return diverged(detail);
        }
        if (culprit.isEmpty() && place.shards().equals(results.all())) {
            return new Outcome.Hopeless(
                    Failure.DIVERGED, detail + ": the sum over the batch overflows");
        }
        results.withdraw(place.shards());
        return culprit.map(held -> again(held, detail, now)).orElse(WAITING);
    }

    private Outcome diverged(String detail) {
        return new Outcome.Hopeless(
                Failure.DIVERGED,
                "%s; computed again it was no better: training has diverged at %s, try a lower rate than %s"
                        .formatted(detail, leasing.work(), course.rate()));
    }
}
