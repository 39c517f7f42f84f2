package dev.tutti.deploy.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the time from one step to the next goes, in milliseconds: means over the steps of a
 * measurement.
 *
 * @param compute the longest computation of one worker
 * @param apply the last reduction and the optimizer
 * @param rest all else: sending, adding up on the way, waiting, records
 */
public record StepProfile(double compute, double apply, double rest) {
    private static final String NAME = "steps.jsonl";

    /** Reads the lines of a run that was watched. */
    static StepProfile read(Path log, StepRate rate) {
        var compute = 0.0;
        var apply = 0.0;
        try (var lines = Files.lines(log)) {
            for (var text : lines.skip(rate.first()).limit(rate.steps()).toList()) {
                var line = Json.parse(NAME, text);
                compute += Json.number(NAME, line, "millis/compute");
                apply += Json.number(NAME, line, "millis/apply");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var steps = rate.steps();
        return new StepProfile(
                compute / steps, apply / steps, (rate.seconds() * 1e3 - compute - apply) / steps);
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
