package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import java.util.List;
import java.util.Optional;

/**
 * Tells whether a result is what its lease asked for, before it touches anything (law 8).
 *
 * @param plan which samples it must have counted
 * @param chunks the cut of a gradient
 * @param rounds what the model asks of a batch
 * @param rounding what gradients are rounded to
 */
public record ResultCheck(
        SamplePlan plan, Chunks chunks, List<BatchRound> rounds, Rounding rounding) {
    /** Returns why a contribution's stretch is refused; empty if it is in order. */
    Optional<Rejection> length(ToCoordinator.Contribution contribution) {
        if (!(contribution.lease().work() instanceof Work.Train)) {
            return refused(
                    Rejection.Kind.PROTOCOL,
                    "%s sent a gradient, expected totals".formatted(contribution.lease()));
        }
        var encoded = contribution.values().rounding();
        if (!encoded.equals(Roundings.NONE) && !encoded.equals(rounding)) {
            return refused(
                    Rejection.Kind.PROTOCOL,
                    "%s sent numbers as %s, expected %s"
                            .formatted(contribution.lease(), encoded.text(), rounding.text()));
        }
        var found = contribution.values().elements().count();
        if (!isWhole(contribution) && !chunks.isChunk(contribution.offset(), found)) {
            return refused(
                    Rejection.Kind.LENGTH,
                    "%s sent %d floats at offset %d, which is no chunk of %d floats of a vector of %d"
                            .formatted(
                                    contribution.lease(),
                                    found,
                                    contribution.offset(),
                                    chunks.chunkFloats(),
                                    chunks.length()));
        }
        return Optional.empty();
    }

    /** Returns why these totals are refused; empty if they are in order. */
    Optional<Rejection> totals(Lease lease, Totals totals) {
        var expected = plan.expected(lease.work(), lease.shards());
        if (totals.samples() != expected.samples()) {
            return refused(
                    Rejection.Kind.SAMPLES,
                    "%s counted %d samples, %d are in the lease"
                            .formatted(lease, totals.samples(), expected.samples()));
        }
        if (totals.sampleHash() != expected.hash()) {
            return refused(
                    Rejection.Kind.SAMPLES,
                    "%s counted other samples than the %d of the lease"
                            .formatted(lease, expected.samples()));
        }
        if (!Double.isFinite(totals.loss())) {
            return refused(
                    Rejection.Kind.NOT_FINITE,
                    "%s has a loss of %s".formatted(lease, totals.loss()));
        }
        return Optional.empty();
    }

    /** Returns why the statistics of a result are refused; empty if they are in order. */
    Optional<Rejection> statistics(ToCoordinator.Evaluated evaluated) {
        var lease = evaluated.lease();
        return switch (lease.work()) {
            case Work.Train _ ->
                    refused(
                            Rejection.Kind.PROTOCOL,
                            "%s sent totals, expected a gradient".formatted(lease));
            case Work.Measure work -> statistics(work, evaluated);
            case Work.Evaluate _ ->
                    evaluated.statistics().count() == 0
                            ? Optional.empty()
                            : refused(
                                    Rejection.Kind.LENGTH,
                                    "%s sent %d statistics, expected none"
                                            .formatted(lease, evaluated.statistics().count()));
        };
    }

    private Optional<Rejection> statistics(Work.Measure work, ToCoordinator.Evaluated evaluated) {
        var lease = evaluated.lease();
        var found = evaluated.statistics();
        var refusal = round(work).refusal(found, evaluated.totals().samples());
        if (refusal.isPresent()) {
            return refused(Rejection.Kind.LENGTH, "%s sent %s".formatted(lease, refusal.get()));
        }
        return found.isFinite()
                ? Optional.empty()
                : refused(
                        Rejection.Kind.NOT_FINITE,
                        "%s has statistics that are not finite".formatted(lease));
    }

    /** Returns what a work asks of the batch. */
    BatchRound round(Work.Measure work) {
        return rounds.get(work.round());
    }

    /** Tells whether a contribution brings all chunks at once. */
    boolean isWhole(ToCoordinator.Contribution contribution) {
        return chunks.isWhole(contribution.offset(), contribution.values().elements().count());
    }

    /** Returns the chunk that a contribution brings. */
    int chunkOf(ToCoordinator.Contribution contribution) {
        return chunks.at(contribution.offset());
    }

    private static Optional<Rejection> refused(Rejection.Kind kind, String detail) {
        return Optional.of(new Rejection(kind, detail));
    }
}
