package dev.tutti.deploy.run;

import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.average.rule.AveragingRule;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.BatchNorm;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.Residual;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.ObservingOptions;
import java.util.List;

/** What a run is to look at, checked against what it is. */
final class ObservingChoice {
    private static final String EVERY = "every=";

    /** The products of all pairs of more shards would fill the memory. */
    private static final int SHARDS_MAX = 1024;

    private ObservingChoice() {}

    static Observing of(ObservingOptions options, RunSpec spec, Model model) {
        var observing =
                new Observing(
                        options.observe.map(text -> every("--observe", text)).orElse(0),
                        options.shadow.map(AveragingRules.CATALOGUE::parseList).orElse(List.of()),
                        options.prove.map(text -> every("--prove", text)).orElse(0),
                        options.digests.map(text -> every("--record-digests", text)).orElse(0));
        Require.that(
                observing.shadows().isEmpty() || observing.every() > 0,
                "--shadow tries rules on the steps that --observe looks at: give --observe every=20 too");
        Require.that(
                !observing.needsWholeVectors() || spec.shards() <= SHARDS_MAX,
                "--observe and --prove compare all pairs of shards, at most %d, and there are %d: lower --shards"
                        .formatted(SHARDS_MAX, spec.shards()));
        Require.that(
                !observing.isAny() || !spec.averaging().keepsAverage(),
                "--average %s goes on from the average before, which --observe, --prove and --record-digests cannot tell from a gradient: take it with history=false"
                        .formatted(spec.average()));
        observing.shadows().forEach(rule -> requireEnough(rule, spec));
        if (observing.proveEvery() > 0) {
            requireProvable(spec, model);
        }
        return observing;
    }

    private static int every(String option, String text) {
        try {
            var steps = Integer.parseInt(text.substring(EVERY.length()));
            if (text.startsWith(EVERY) && steps > 0) {
                return steps;
            }
        } catch (IndexOutOfBoundsException | NumberFormatException _) {
            // Not "every=" and a number: the same line says so.
        }
        throw new UserException(
                ExitCode.USAGE,
                "%s must be every=N with a number of steps, such as every=20; was %s"
                        .formatted(option, text));
    }

    private static void requireEnough(AveragingRule rule, RunSpec spec) {
        var vectors = spec.syncMode().gradientsOfStep(spec.shards());
        Require.that(
                vectors >= rule.vectorsMin(),
                "--shadow %s needs at least %d vectors, and a step has %d: raise --shards, or choose another"
                        .formatted(
                                AveragingRules.CATALOGUE.format(rule), rule.vectorsMin(), vectors));
    }

    /** Refuses a run whose steps are meant to differ from the gradient of a whole batch. */
    private static void requireProvable(RunSpec spec, Model model) {
        var averaging = spec.averaging();
        Require.that(
                spec.syncMode().isWhole()
                        && !spec.syncMode().isLocal()
                        && averaging.workerMomentum() == 0,
                "--prove compares a step with the gradient of one batch, and steps of --sync %s%s are not that: leave it out"
                        .formatted(
                                spec.sync(),
                                averaging.workerMomentum() > 0 ? " with worker-momentum" : ""));
        Require.that(
                spec.wire().stored().isPresent(),
                "--prove compares a step with the gradient of one batch, and --wire %s changes gradients by more than rounding: leave one out"
                        .formatted(spec.wire().text()));
        Require.that(
                model.layers().stream().noneMatch(ObservingChoice::normalizesShards),
                "--prove compares a step with the gradient of one batch, and batch-norm normalises each shard by itself: take batch-norm(over=batch)");
    }

    private static boolean normalizesShards(Layer layer) {
        return switch (layer) {
            case BatchNorm norm -> norm.over() == BatchNorm.Over.SHARD;
            case Residual(var layers) ->
                    layers.stream().anyMatch(ObservingChoice::normalizesShards);
            default -> false;
        };
    }
}
