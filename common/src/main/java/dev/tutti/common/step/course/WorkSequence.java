package dev.tutti.common.step.course;

import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import java.util.Optional;

/**
 * The order of a run's works: steps, the validation part after each epoch and after the last step,
 * the test part at the end. Parts without samples are left out. Before a step's gradient come the
 * rounds that measure its batch, if the model has any.
 *
 * @param plan how many steps make an epoch and how many samples a part
 * @param steps steps of the run
 * @param rounds of a step
 */
record WorkSequence(SamplePlan plan, long steps, int rounds) {
    /** Returns the first work of the step after {@code version} steps. */
    Work at(long version) {
        return rounds > 0 ? new Work.Measure(version, 0) : plan.train(version);
    }

    /**
     * Returns the work that a run which ends in the midst of {@code work} is to go on with: a step
     * begins anew, for its rounds are not saved.
     */
    static Work saved(Work work) {
        return work instanceof Work.Measure(var step, _) ? new Work.Train(step) : work;
    }

    /** Returns the work to begin with where a run stood so. */
    Work resumed(Work saved) {
        return saved instanceof Work.Train(var step, _) ? at(step) : saved;
    }

    /** Returns the work after the last step taken, wherever training stopped. */
    Optional<Work> end(long version) {
        return has(Part.TEST)
                ? Optional.of(new Work.Evaluate(version, Part.TEST))
                : Optional.empty();
    }

    /** Returns the work after {@code done}; empty after the last. */
    Optional<Work> after(Work done) {
        return switch (done) {
            case Work.Measure(var step, var round) ->
                    Optional.of(
                            round + 1 < rounds
                                    ? new Work.Measure(step, round + 1)
                                    : plan.train(step));
            case Work.Train(var step, _) when endsEpoch(step + 1) && has(Part.VALIDATION) ->
                    Optional.of(new Work.Evaluate(step + 1, Part.VALIDATION));
            case Work.Train(var step, _) -> trainOrTest(step + 1);
            case Work.Evaluate(var step, var part) when part == Part.VALIDATION ->
                    trainOrTest(step);
            case Work.Evaluate _ -> Optional.empty();
        };
    }

    /** Tells whether an epoch, or the run, is over after so many steps. */
    boolean endsEpoch(long version) {
        return version == steps || plan.stepsBefore(plan.epoch(version)) == version;
    }

    private Optional<Work> trainOrTest(long version) {
        if (version < steps) {
            return Optional.of(at(version));
        }
        return end(version);
    }

    private boolean has(Part part) {
        return plan.count(part) > 0;
    }
}
