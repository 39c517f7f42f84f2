package dev.tutti.deploy.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;

/**
 * Where the time from one step to the next goes, in milliseconds: means over the steps of a
 * measurement.
 *
 * @param compute the longest computation of one worker
 * @param apply the last reduction and the optimizer
 * @param rest all else: sending, adding up on the way, waiting, records
 */
public record StepProfile(double compute, double apply, double rest) {
    /** Reads the lines of a run that was watched. */
    static StepProfile read(Path log, StepRate rate) {
        var compute = new DoubleAdder();
        var apply = new DoubleAdder();
        rate.forEachLine(
                log,
                line -> {
                    compute.add(StepRate.number(line, "millis/compute"));
                    apply.add(StepRate.number(line, "millis/apply"));
                });
        var steps = rate.steps();
        var rest = rate.seconds() * 1e3 - compute.sum() - apply.sum();
        return new StepProfile(compute.sum() / steps, apply.sum() / steps, rest / steps);
    }

    /** Returns the mean of at least one profile. */
    public static StepProfile mean(List<StepProfile> profiles) {
        return new StepProfile(
                profiles.stream().mapToDouble(StepProfile::compute).average().orElseThrow(),
                profiles.stream().mapToDouble(StepProfile::apply).average().orElseThrow(),
                profiles.stream().mapToDouble(StepProfile::rest).average().orElseThrow());
    }

    /** Returns the time from one step to the next. */
    public double total() {
        return compute + apply + rest;
    }
}
