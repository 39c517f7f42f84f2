package dev.tutti.deploy.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the time of a step goes, in milliseconds: means over the steps of a measurement, which add
 * up to the time from one step to the next.
 *
 * @param compute the longest computation of one worker
 * @param exchange the rest of the time from the leases to the last contribution
 * @param apply the last reduction and the optimizer
 * @param between what no step accounts for: records, and leases on their way
 */
public record StepProfile(double compute, double exchange, double apply, double between) {
    private static final String NAME = "steps.jsonl";

    /** Reads the lines of a run that was watched. */
    static StepProfile read(Path log, StepRate rate) {
        var compute = 0.0;
        var collect = 0.0;
        var apply = 0.0;
        try (var lines = Files.lines(log)) {
            for (var text : lines.skip(rate.first()).limit(rate.steps()).toList()) {
                var line = Json.parse(NAME, text);
                compute += Json.number(NAME, line, "millis/compute");
                collect += Json.number(NAME, line, "millis/collect");
                apply += Json.number(NAME, line, "millis/apply");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var steps = rate.steps();
        return new StepProfile(
                compute / steps,
                (collect - compute) / steps,
                apply / steps,
                rate.seconds() * 1e3 / steps - (collect + apply) / steps);
    }

    /** Returns the mean of at least one profile. */
    public static StepProfile mean(List<StepProfile> profiles) {
        return new StepProfile(
                profiles.stream().mapToDouble(StepProfile::compute).average().orElseThrow(),
                profiles.stream().mapToDouble(StepProfile::exchange).average().orElseThrow(),
                profiles.stream().mapToDouble(StepProfile::apply).average().orElseThrow(),
                profiles.stream().mapToDouble(StepProfile::between).average().orElseThrow());
    }

    /** Returns the time from one step to the next. */
    public double total() {
        return compute + exchange + apply + between;
    }
}
