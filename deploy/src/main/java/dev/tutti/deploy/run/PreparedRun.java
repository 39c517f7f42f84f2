package dev.tutti.deploy.run;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.attack.Faults;
import dev.tutti.common.average.attack.LabelAttack;
import dev.tutti.common.average.mixing.Mixings;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.compress.Compressors;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Split;
import dev.tutti.common.data.Standardization;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.Regularizers;
import dev.tutti.common.optim.Schedules;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.partition.Partitions;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.compute.Baseline;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.Patience;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.sync.SyncMode;
import dev.tutti.common.sync.SyncModes;
import dev.tutti.coordinator.RunPlan;
import dev.tutti.coordinator.checkpoint.Safekeeping;
import dev.tutti.coordinator.checkpoint.StoppedRun;
import dev.tutti.coordinator.stream.DataFile;
import dev.tutti.deploy.checks.LargeValues;
import dev.tutti.deploy.checks.NothingToLearn;
import dev.tutti.deploy.checks.SmallShards;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.data.ClassWeights;
import dev.tutti.deploy.data.TargetChoice;
import dev.tutti.deploy.data.TrainingData;
import dev.tutti.deploy.ground.GroundCheck;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.deploy.model.EmbeddingInputs;
import dev.tutti.deploy.model.ModelCard;
import dev.tutti.deploy.model.StartingWeights;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.proto.Acceptable;
import dev.tutti.proto.failure.WireException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A run that could start: its options checked, its data read, nothing written yet.
 *
 * @param dataset the data
 * @param file the data's file
 * @param spec what workers are told
 * @param targetScaling of the targets, if they are standardised
 * @param epochs that the run has, the last one included if it is not whole
 * @param stepSamples samples of a step: as asked for, or all training samples if they are fewer
 * @param notes what the user is told first
 * @param plan what the coordinator does; its directory does not exist yet
 */
public record PreparedRun(
        Dataset dataset,
        DataFile file,
        RunSpec spec,
        Optional<Standardization> targetScaling,
        int epochs,
        int stepSamples,
        Notes notes,
        RunPlan plan) {
    private static final int EPOCHS = 40;
    private static final int SHARDS = 4;

    /**
     * What the user is told before the first step.
     *
     * @param table how the data is written, if it is a table that is not as most are
     * @param decided what the targets were taken for
     * @param understood what was understood of the features' columns
     * @param warnings what may go wrong, and what was left out
     */
    record Notes(
            List<String> table,
            Optional<String> decided,
            List<String> understood,
            List<String> warnings) {
        /** Copies the lists. */
        Notes {
            table = List.copyOf(table);
            understood = List.copyOf(understood);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Reads the data and checks that everything fits together, and on this machine.
     *
     * @param crew who computes
     */
    public static PreparedRun of(
            RunOptions options, Path directory, int startWorkers, RunNeed.Crew crew) {
        var initializer = Initializers.CATALOGUE.parse(options.initializer);
        var layers = Zoo.layers(options.model);
        Require.positive("--batch", options.batch);
        Require.positive("--accumulate", options.accumulate);
        Require.notNegative("--digest-every", options.digestEvery);
        options.scaleRateFrom.ifPresent(from -> Require.positive("--scale-rate-from", from));
        var data = TargetChoice.of(options);
        var understood = TargetChoice.understood(data);
        var targets = understood.targets();
        var read = TrainingData.of(options, data);
        var dataset = read.dataset();
        var split = read.split();
        TargetChoice.require(options, dataset);
        var named = lossText(options, dataset);
        dataset.requireFits(Losses.CATALOGUE.parse(named).targets(), dataset.outputs());
        Require.that(
                read.targetScaling().isEmpty() || !Losses.CATALOGUE.parse(named).ofProbabilities(),
                "--standardize-targets does not fit --loss %s, whose targets are probabilities: leave one out"
                        .formatted(named));
        var loss = weighted(named, options, dataset, split);
        var warnings = new ArrayList<String>();
        NothingToLearn.lookAt(dataset, split.train()).ifPresent(warnings::add);
        var model = Model.of(layers, dataset.sample(), dataset.outputs());
        EmbeddingInputs.require(model, dataset);
        var samples = split.train().length;
        warnings.addAll(LargeValues.warnings(dataset, read.lines()));
        var file = DataFile.of(dataset);
        var spec = spec(options, dataset, file, model, loss, read.test(), samples, startWorkers);
        var plan = new SamplePlan(spec, split, dataset.targets());
        requireAverage(spec, plan, dataset);
        SmallShards.warning(model, spec.batch(), samples, spec.shards()).ifPresent(warnings::add);
        var steps = steps(options, plan);
        var rule = rule(options, samples, steps);
        var stopping = stopping(options, split);
        var checkpoints = options.checkpoints.policy();
        var observing = ObservingChoice.of(options.observing, spec, model);
        var auditing = AuditChoice.of(options.observing.audit, spec, crew);
        GroundCheck.require(
                RunNeed.of(model, spec, rule, stopping, checkpoints, observing, auditing, crew),
                directory);
        var weights =
                options.init
                        .map(init -> StartingWeights.read(init, model, warnings::add))
                        .orElseGet(() -> StartingWeights.draw(model, initializer, options.seed));
        var card =
                new ModelCard(
                        model.text(),
                        loss,
                        dataset.sample(),
                        dataset.outputs(),
                        dataset.featureNames(),
                        dataset.labelled() || targets.isEmpty() ? options.targets.names() : targets,
                        ModelCard.classesOf(dataset),
                        data.coding().with(read.coding()),
                        options.data,
                        options.seed,
                        options.validation,
                        read.test(),
                        data.reading(),
                        read.targetScaling(),
                        Optional.of(Baseline.of(dataset, split.train())));
        return new PreparedRun(
                dataset,
                file,
                spec,
                read.targetScaling(),
                plan.epoch(steps - 1) + 1,
                Math.min(spec.batch(), samples),
                new Notes(
                        understood.notes(),
                        TargetChoice.line(options, targets, dataset, named),
                        read.notes(),
                        warnings),
                new RunPlan(
                        spec,
                        steps,
                        rule,
                        stopping,
                        weights,
                        limits(options, startWorkers),
                        options.digestEvery,
                        observing,
                        auditing,
                        directory,
                        card.toMetadata(),
                        checkpoints,
                        Safekeeping.NONE,
                        Optional.empty()));
    }

    /** Refuses to go on with a run whose bits would not follow from this configuration. */
    public void requireSameBits(StoppedRun stopped) {
        var before = new HashMap<>(RunSpec.implied());
        before.putAll(stopped.configuration());
        var now = plan.configuration();
        if (!Objects.equals(before.get(RunSpec.DATA), now.get(RunSpec.DATA))) {
            throw new UserException(
                    ExitCode.DATA,
                    "the data %s is not what the run began with: its SHA-256 was %s, is %s; bring back the old data, or start a new run"
                            .formatted(
                                    spec.data(), before.get(RunSpec.DATA), now.get(RunSpec.DATA)));
        }
        for (var entry : now.entrySet()) {
            if (!entry.getValue().equals(before.get(entry.getKey()))) {
                throw new UserException(
                        ExitCode.USAGE,
                        "the configuration of %s has changed: %s was %s, is %s; put it back, or start a new run"
                                .formatted(
                                        plan.directory(),
                                        entry.getKey(),
                                        before.get(entry.getKey()),
                                        entry.getValue()));
            }
        }
    }

    /** Returns this run for going on with what was stopped. */
    public PreparedRun resuming(StoppedRun stopped) {
        return with(plan.resuming(stopped));
    }

    /** Returns the steps behind the weights that it begins with. */
    long firstStep() {
        return plan.from().map(StoppedRun::step).orElse(0L);
    }

    /** Returns this run in another folder. */
    public PreparedRun in(Path directory, Safekeeping keeping) {
        return with(plan.in(directory, keeping));
    }

    private PreparedRun with(RunPlan other) {
        return new PreparedRun(
                dataset, file, spec, targetScaling, epochs, stepSamples, notes, other);
    }

    private static RunSpec spec(
            RunOptions options,
            Dataset dataset,
            DataFile file,
            Model model,
            String loss,
            double test,
            int samples,
            int startWorkers) {
        try {
            var shards =
                    accumulated(
                            options,
                            "--shards",
                            options.shards.orElse(Math.min(SHARDS, options.batch)));
            var sync = SyncChoice.of(options, model, shards, rate(options, samples));
            var spec =
                    new RunSpec(
                            model.text(),
                            loss,
                            dataset.sample(),
                            dataset.outputs(),
                            options.seed,
                            batch(options),
                            options.shuffle,
                            shards,
                            options.validation,
                            test,
                            dataset.name(),
                            file.digest(),
                            file.byteSize(),
                            Chunks.DEFAULT_FLOATS,
                            Rounding.parse(options.wire),
                            AveragingRules.CATALOGUE.format(
                                    AveragingRules.CATALOGUE.parse(options.average)),
                            Mixings.format(Mixings.parse(options.mixing)),
                            Faults.of(options.attack, options.faulty).attackText(),
                            options.faulty,
                            sync.sync(),
                            sync.clock(),
                            partition(options, dataset, shards),
                            compressor(options, SyncModes.CATALOGUE.parse(sync.sync())),
                            compressorDown(options, SyncModes.CATALOGUE.parse(sync.sync())));
            Acceptable.require(spec, limits(options, startWorkers).members());
            return spec;
        } catch (WireException e) {
            throw new UserException(
                    ExitCode.USAGE, "no worker can be told of this run: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new UserException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private static String partition(RunOptions options, Dataset dataset, int shards) {
        var partition = Partitions.CATALOGUE.parse(options.partition);
        partition.refusal(dataset.targets(), shards).ifPresent(PreparedRun::refuse);
        return Partitions.CATALOGUE.format(partition);
    }

    private static String compressor(RunOptions options, SyncMode mode) {
        var compressor = Compressors.CATALOGUE.parse(options.compress);
        Require.that(
                compressor.states() == 0 || mode.isWhole(),
                "--compress %s does not go with --sync %s, where a virtual worker may begin a gradient before what it keeps of the one before is known: use synchronous, local or diloco"
                        .formatted(options.compress, options.sync));
        Require.that(
                compressor.isNeutral() || options.wire.equals(Roundings.NONE.text()),
                "--compress %s writes its own numbers: leave --wire %s out"
                        .formatted(options.compress, options.wire));
        return compressor.isNeutral() ? Compressors.NONE : Compressors.CATALOGUE.format(compressor);
    }

    private static String compressorDown(RunOptions options, SyncMode mode) {
        var named = Compressors.CATALOGUE.parse(options.compressDown);
        if (named.isNeutral()) {
            return Compressors.NONE;
        }
        Require.that(
                mode.isWhole(),
                "--compress-down %s does not go with --sync %s, where tasks need weights of several versions, of which a code leads to the newest alone: use synchronous, local or diloco"
                        .formatted(options.compressDown, options.sync));
        Require.that(
                options.wire.equals(Roundings.NONE.text()),
                "--compress-down %s writes its own numbers: leave --wire %s out"
                        .formatted(options.compressDown, options.wire));
        return Compressors.CATALOGUE.format(named);
    }

    /** Refuses a step that the run's rule, mixings or attack cannot work on. */
    private static void requireAverage(RunSpec spec, SamplePlan plan, Dataset dataset) {
        var averaging = spec.averaging();
        var faults = averaging.faults();
        faults.refusal(spec.shards()).ifPresent(PreparedRun::refuse);
        Require.that(
                !(faults.attack().orElse(null) instanceof LabelAttack) || dataset.labelled(),
                "--attack %s needs classes to exchange, and the targets of %s are real values: choose another"
                        .formatted(spec.attack(), dataset.name()));
        if (averaging.isLinear()) {
            return;
        }
        var mode = spec.syncMode();
        Require.that(
                !faults.changesVectors() || mode.isWhole(),
                "--attack does not go with --sync %s, whose steps need not have the faulty shards: use synchronous, local or diloco"
                        .formatted(spec.sync()));
        Require.that(
                faults.age() == 0 || !mode.isLocal(),
                "--attack %s does not go with --sync %s, whose workers take steps of their own: choose another"
                        .formatted(spec.attack(), spec.sync()));
        Require.that(
                averaging.workerMomentum() == 0 || !mode.isLocal(),
                "--mixing worker-momentum does not go with --sync %s, whose workers take steps of their own: give their optimizer a momentum"
                        .formatted(spec.sync()));
        var vectors = mode.gradientsOfStep(spec.shards());
        Require.that(
                vectors > 1 || spec.shards() == 1,
                "--average and --mixing have no effect with --sync %s, whose steps are one gradient each: leave them out"
                        .formatted(spec.sync()));
        averaging.refusal(vectors).ifPresent(PreparedRun::refuse);
        var last = Math.min(vectors, plan.shardsMin());
        if (last == vectors || mode.tasksOfStep(spec.shards()) < spec.shards()) {
            return;
        }
        Require.that(
                !faults.changesVectors(),
                "--faulty %d needs samples in every shard, and the last batch of an epoch has %d samples for %d shards: choose another --batch"
                        .formatted(faults.faulty(), last, spec.shards()));
        averaging
                .refusal(last)
                .ifPresent(why ->
                        refuse(
                                "the last batch of an epoch has %d samples: %s, or choose another --batch"
                                        .formatted(last, why)));
    }

    private static void refuse(String why) {
        throw new UserException(ExitCode.USAGE, why);
    }

    public static String lossText(RunOptions options, Dataset dataset) {
        return options.loss
                .map(text -> Losses.CATALOGUE.format(Losses.CATALOGUE.parse(text)))
                .orElse(dataset.labelled() ? "softmax-cross-entropy" : "mse");
    }

    /** Returns the loss with the weights of the classes. */
    private static String weighted(String named, RunOptions options, Dataset dataset, Split split) {
        var loss = Losses.CATALOGUE.parse(named);
        loss.requireOutputs(dataset.outputs());
        return options.classWeights
                .map(text -> ClassWeights.of(text, dataset, split.train(), loss))
                .map(Losses.CATALOGUE::format)
                .orElse(named);
    }

    private static long steps(RunOptions options, SamplePlan plan) {
        if (options.steps.isPresent() && options.epochs.isPresent()) {
            throw new UserException(
                    ExitCode.USAGE, "--steps and --epochs are both given: leave one out");
        }
        var steps = options.steps.orElseGet(() -> plan.stepsBefore(options.epochs.orElse(EPOCHS)));
        Require.positive(options.steps.isPresent() ? "--steps" : "--epochs", steps);
        return steps;
    }

    /** Returns the samples of a step. */
    private static int batch(RunOptions options) {
        return accumulated(options, "--batch", options.batch);
    }

    private static int accumulated(RunOptions options, String option, int value) {
        var product = (long) value * options.accumulate;
        Require.that(
                product == (int) product,
                "--accumulate %d with %s %d makes %d; a step takes at most %d"
                        .formatted(options.accumulate, option, value, product, Integer.MAX_VALUE));
        return (int) product;
    }

    private static double rate(RunOptions options, int samples) {
        var rate = Optimizers.CATALOGUE.parse(options.optimizer).rate();
        return options.scaleRateFrom
                .map(from -> Schedules.scaled(rate, from, Math.min(batch(options), samples)))
                .orElse(rate);
    }

    private static UpdateRule rule(RunOptions options, int samples, long steps) {
        var outer = SyncModes.CATALOGUE.parse(options.sync).outerOptimizer();
        var optimizer = Optimizers.CATALOGUE.parse(outer.orElse(options.optimizer));
        var rate = outer.isPresent() ? optimizer.rate() : rate(options, samples);
        var schedule = Schedules.CATALOGUE.parse(options.schedule).over(steps);
        Schedules.check(schedule, rate, steps);
        options.clipNorm.ifPresent(norm ->
                Require.that(
                        norm > 0 && Double.isFinite(norm),
                        "--clip-norm must be a finite number above 0, was " + norm));
        return new UpdateRule(
                optimizer,
                rate,
                schedule,
                options.regularizer.map(Regularizers.CATALOGUE::parseList).orElse(List.of()),
                options.clipNorm.map(OptionalDouble::of).orElse(OptionalDouble.empty()));
    }

    private static EarlyStopping stopping(RunOptions options, Split split) {
        options.patience.ifPresent(epochs -> {
            Require.positive("--patience", epochs);
            Require.that(
                    Compressors.CATALOGUE.parse(options.compressDown).isNeutral(),
                    "--patience does not go with --compress-down %s: the best weights are kept, and not what workers had of them; leave one out"
                            .formatted(options.compressDown));
        });
        options.stopBelow.ifPresent(loss ->
                Require.that(
                        Double.isFinite(loss),
                        "--stop-below must be a finite number, was " + loss));
        var stopping =
                new EarlyStopping(
                        options.stopBelow.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                        options.patience.map(OptionalInt::of).orElse(OptionalInt.empty()));
        if (stopping.isActive() && split.validation().length == 0) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--patience and --stop-below need validation samples: give --validation 0.1");
        }
        return stopping;
    }

    private static Limits limits(RunOptions options, int startWorkers) {
        Require.positive("--wait", options.waitSeconds);
        Require.positive("--min-workers", options.minWorkers);
        if (options.minWorkers > startWorkers) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--min-workers %d is more than the %d workers that the run starts with"
                            .formatted(options.minWorkers, startWorkers));
        }
        return Limits.standard(startWorkers)
                .with(
                        options.minWorkers,
                        options.strictKernels,
                        patience("--silence", options.silence),
                        patience("--lease", options.lease),
                        Duration.ofSeconds(options.waitSeconds));
    }

    private static Patience patience(String option, String text) {
        var bounds = text.split("\\.\\.", -1);
        try {
            if (bounds.length == 2) {
                return Patience.ofSeconds(
                        Double.parseDouble(bounds[0]), Double.parseDouble(bounds[1]));
            }
        } catch (IllegalArgumentException _) {
            // Not two numbers, or not a floor and a ceiling: the same line says so.
        }
        throw new UserException(
                ExitCode.USAGE,
                "%s must be two positive numbers of seconds, the smaller first, such as 2..10; was %s"
                        .formatted(option, text));
    }
}
