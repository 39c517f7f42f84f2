package dev.tutti.deploy.run;

import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.ground.RunNeed;

/** Which shards of a run are audited, checked against what it is. */
final class AuditChoice {
    private static final double LIKELY = 0.95;

    private AuditChoice() {}

    static Auditing of(double fraction, RunSpec spec, RunNeed.Crew crew) {
        Require.that(
                fraction >= 0 && fraction <= 1,
                "--audit must be a fraction from 0 to 1, was " + fraction);
        var auditing = new Auditing(fraction, spec.seed());
        if (!auditing.isOn()) {
            return Auditing.NONE;
        }
        Require.that(
                !crew.inside() && crew.processes() != 1,
                "--audit compares what two processes compute, and this run has one: give --processes 3, or leave --audit out");
        Require.that(
                spec.compressor().states() == 0,
                "--audit does not fit --compress %s: what a worker keeps from step to step is with one process only; choose a compressor that keeps nothing, or leave one out"
                        .formatted(spec.compress()));
        Require.that(
                spec.rounds().isEmpty(),
                "--audit does not fit batch-norm(over=batch): a wrong statistic would be in both gradients that are compared; use over=shard, or leave --audit out");
        return auditing;
    }

    /** Returns what an audit finds, in words. */
    static String line(Auditing auditing) {
        var likely = auditing.shardsFor(LIKELY);
        return "audits: each shard is computed by a second process with probability %s, so a single wrong gradient is found with this probability, and one of %d wrong ones with %.2f"
                .formatted(auditing.fraction(), likely, auditing.chance(likely));
    }
}
