package dev.tutti.common.step;

import java.util.Optional;

/**
 * The order of a run's works: steps, the validation part after each epoch and after the last step,
 * the test part at the end. Parts without samples are left out.
 *
 * @param plan how many steps make an epoch and how many samples a part
 * @param steps steps of the run
 */
record WorkSequence(SamplePlan plan, long steps) {
    /** Returns the work of a run that has taken {@code version} steps. */
    Work at(long version) {
        return new Work.Train(version);
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
            case Work.Train(var step) when endsEpoch(step + 1) && has(Part.VALIDATION) ->
                    Optional.of(new Work.Evaluate(step + 1, Part.VALIDATION));
            case Work.Train(var step) -> trainOrTest(step + 1);
            case Work.Evaluate(var step, var part) when part == Part.VALIDATION ->
                    trainOrTest(step);
            case Work.Evaluate _ -> Optional.empty();
        };
    }

    /** Tells whether an epoch, or the run, is over after so many steps. */
    boolean endsEpoch(long version) {
        return version % plan.stepsPerEpoch() == 0 || version == steps;
    }

    private Optional<Work> trainOrTest(long version) {
        if (version < steps) {
            return Optional.of(new Work.Train(version));
        }
        return end(version);
    }

    private boolean has(Part part) {
        return plan.count(part) > 0;
    }
}
