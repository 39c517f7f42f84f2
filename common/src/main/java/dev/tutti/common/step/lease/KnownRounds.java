package dev.tutti.common.step.lease;

import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.step.run.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of the batch of the step at hand: the statistics that the model's layers have asked
 * for so far, round by round. The coordinator fills it from the results of its works, relays and
 * workers from what they are told.
 */
public final class KnownRounds {
    private final List<BatchRound> rounds;
    private final List<BatchStatistics> known = new ArrayList<>();
    private long step = -1;

    /** Knows nothing of the rounds of a model. */
    public KnownRounds(List<BatchRound> rounds) {
        this.rounds = rounds;
    }

    /** Returns how many rounds come before a work. */
    int countBefore(Work work) {
        return switch (work) {
            case Work.Measure(_, var round) -> round;
            case Work.Train _ -> rounds.size();
            case Work.Evaluate _ -> 0;
        };
    }

    /** Tells whether all is known that a work needs. */
    public boolean suffice(Work work) {
        if (work instanceof Work.Measure(_, var round) && round >= rounds.size()) {
            return false;
        }
        var before = countBefore(work);
        return before == 0 || (work.step() == step && before <= known.size());
    }

    /** Returns the statistics of the rounds before a work, which must be known, from one on. */
    public List<BatchStatistics> statisticsBefore(Work work, int from) {
        return List.copyOf(known.subList(from, countBefore(work)));
    }

    /** Returns how a lease is refused for which {@link #suffice} does not hold. */
    public String tooFewFor(Work work) {
        return "the coordinator gave a lease of %s, but the %d rounds before it are not known"
                .formatted(work, countBefore(work));
    }

    /** Knows nothing any more. */
    void forget() {
        known.clear();
        step = -1;
    }

    /** Takes the statistics of a work; the first of a step makes those of the step before void. */
    public void take(Work.Measure work, BatchStatistics statistics) {
        if (work.step() != step) {
            step = work.step();
            known.clear();
        }
        known.add(statistics);
    }

    /** Returns why these cannot be the next statistics; empty if they can. */
    public Optional<String> refusal(Work.Measure work, BatchStatistics statistics) {
        var next = work.step() == step ? known.size() : 0;
        if (work.round() != next || next >= rounds.size()) {
            return Optional.of(
                    "statistics of %s, expected round %d of %d"
                            .formatted(work, next, rounds.size()));
        }
        return rounds.get(next).refusal(statistics).map(why -> "%s at %s".formatted(why, work));
    }
}
