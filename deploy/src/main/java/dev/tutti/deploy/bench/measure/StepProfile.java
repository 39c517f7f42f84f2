package dev.tutti.deploy.bench.measure;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collector;
import java.util.stream.Collectors;

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
        var total = rate.seconds() * 1e3 / rate.steps();
        return rate.ofLines(
                log,
                lines ->
                        lines.collect(
                                Collectors.teeing(
                                        mean("millis/compute"),
                                        mean("millis/apply"),
                                        (compute, apply) ->
                                                new StepProfile(
                                                        compute, apply, total - compute - apply))));
    }

    private static Collector<JsonNode, ?, Double> mean(String path) {
        return Collectors.averagingDouble(line -> StepRate.number(line, path));
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
