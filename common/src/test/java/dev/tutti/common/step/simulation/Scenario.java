package dev.tutti.common.step.simulation;

import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.compute.WholeBatchGradient;
import dev.tutti.common.step.coordinate.CoordinatorMachine;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * What a simulated cluster trains: small, but with everything that a run has.
 *
 * @param spec what workers are told
 * @param optimizer takes the steps
 * @param steps of the run
 * @param stopping when it ends before
 * @param limits of the coordinator
 * @param observing what is looked at
 * @param auditing which shards several processes compute
 */
public record Scenario(
        RunSpec spec,
        String optimizer,
        long steps,
        EarlyStopping stopping,
        Limits limits,
        Observing observing,
        Auditing auditing) {
    public static final int SAMPLES = 90;
    static final int FEATURES = 6;
    public static final int CLASSES = 3;
    public static final String OPTIMIZER = "sgd(rate=0.1,momentum=0.9,weight-decay=0.01)";

    /** Has no slots, so each chunk is stepped over as soon as its sum is in. */
    public static final String WITHOUT_MOMENTUM = "sgd(rate=0.1)";

    public static final Dataset DATA = data(SAMPLES);

    /** Returns what a run over these data has unless a test says otherwise. */
    public static Scenario standard() {
        return new Scenario(
                spec(16, 5),
                OPTIMIZER,
                14,
                EarlyStopping.NEVER,
                Limits.standard(1),
                Observing.NONE,
                Auditing.NONE);
    }

    public Scenario with(RunSpec other) {
        return new Scenario(other, optimizer, steps, stopping, limits, observing, auditing);
    }

    public Scenario with(EarlyStopping other, long otherSteps) {
        return new Scenario(spec, optimizer, otherSteps, other, limits, observing, auditing);
    }

    public Scenario with(Limits other) {
        return new Scenario(spec, optimizer, steps, stopping, other, observing, auditing);
    }

    public Scenario with(String other) {
        return new Scenario(spec, other, steps, stopping, limits, observing, auditing);
    }

    /** Returns the same, looked at. */
    public Scenario with(Observing other) {
        return new Scenario(spec, optimizer, steps, stopping, limits, other, auditing);
    }

    /** Returns the same, audited. */
    public Scenario withAudit(double fraction) {
        return new Scenario(
                spec,
                optimizer,
                steps,
                stopping,
                limits,
                observing,
                new Auditing(fraction, spec.seed()));
    }

    /** Who is waited for, and who draws from which samples; see {@link RunSpec}. */
    private record Schedule(String sync, String clock, String partition) {}

    /** What is done to the shards' gradients; see {@link RunSpec}. */
    public record Averages(String rule, String mixing, String attack, int faulty) {
        public static final Averages MEAN = of("mean");

        public static Averages of(String rule) {
            return new Averages(rule, "none", "none", 0);
        }
    }

    public Scenario with(Averages averages) {
        return with(spec.model(), spec.wire(), spec.chunkFloats(), averages);
    }

    public Scenario withChunks(int floats) {
        return with(spec.model(), spec.wire(), floats, averages());
    }

    public Scenario with(Rounding wire) {
        return with(spec.model(), wire, spec.chunkFloats(), averages());
    }

    public Scenario withModel(String model) {
        return with(model, spec.wire(), spec.chunkFloats(), averages());
    }

    /** Returns the same in another mode, with a clock of its own. */
    public Scenario withMode(String sync, String clock) {
        return with(
                spec.model(),
                spec.wire(),
                spec.chunkFloats(),
                averages(),
                new Schedule(sync, clock, spec.partition()));
    }

    /** Returns the same with compressed gradients. */
    public Scenario withCompressor(String compressor) {
        return with(
                spec.model(),
                spec.wire(),
                spec.chunkFloats(),
                averages(),
                new Schedule(spec.sync(), spec.clock(), spec.partition()),
                compressor,
                spec.compressDown());
    }

    /** Returns the same with codes of the weights' changes. */
    public Scenario withCompressorDown(String compressor) {
        return with(
                spec.model(),
                spec.wire(),
                spec.chunkFloats(),
                averages(),
                new Schedule(spec.sync(), spec.clock(), spec.partition()),
                spec.compress(),
                compressor);
    }

    /** Returns the same with other samples for each virtual worker. */
    public Scenario withPartition(String partition) {
        return with(
                spec.model(),
                spec.wire(),
                spec.chunkFloats(),
                averages(),
                new Schedule(spec.sync(), spec.clock(), partition));
    }

    private Averages averages() {
        return new Averages(spec.average(), spec.mixing(), spec.attack(), spec.faulty());
    }

    private Scenario with(String model, Rounding wire, int chunkFloats, Averages averages) {
        return with(
                model,
                wire,
                chunkFloats,
                averages,
                new Schedule(spec.sync(), spec.clock(), spec.partition()));
    }

    private Scenario with(
            String model, Rounding wire, int chunkFloats, Averages averages, Schedule schedule) {
        return with(
                model, wire, chunkFloats, averages, schedule, spec.compress(), spec.compressDown());
    }

    private Scenario with(
            String model,
            Rounding wire,
            int chunkFloats,
            Averages averages,
            Schedule schedule,
            String compress,
            String compressDown) {
        return with(
                new RunSpec(
                        model,
                        spec.loss(),
                        spec.input(),
                        spec.outputs(),
                        spec.seed(),
                        spec.batch(),
                        spec.shuffle(),
                        spec.shards(),
                        spec.validation(),
                        spec.test(),
                        spec.data(),
                        spec.dataDigest(),
                        spec.dataBytes(),
                        chunkFloats,
                        wire,
                        averages.rule(),
                        averages.mixing(),
                        averages.attack(),
                        averages.faulty(),
                        schedule.sync(),
                        schedule.clock(),
                        schedule.partition(),
                        compress,
                        compressDown));
    }

    public static RunSpec spec(int batch, int shards) {
        return spec(batch, shards, 10);
    }

    public static RunSpec spec(int batch, int shards, int chunkFloats) {
        return new RunSpec(
                "dense(7),relu,dense(3)",
                "softmax-cross-entropy",
                Shape.of(FEATURES),
                CLASSES,
                11,
                batch,
                true,
                shards,
                0.1,
                0.1,
                "points",
                "",
                0,
                chunkFloats,
                Roundings.NONE,
                "mean",
                "none",
                "none",
                0,
                "synchronous",
                RunSpec.NO_CLOCK,
                "iid",
                "fp32",
                "fp32");
    }

    /** Returns a coordinator's machine at the start of the run. */
    public CoordinatorMachine machine(Arena arena, long now) {
        var model = spec.buildModel();
        var parsed = Optimizers.CATALOGUE.parse(optimizer);
        var state =
                TrainingState.allocate(
                        arena,
                        model,
                        parsed.slotCount() + spec.syncMode().slotCount(),
                        spec.wire().precision(),
                        !spec.changeCompressor().isNeutral());
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), spec.seed(), state.weights());
        return new CoordinatorMachine(
                arena,
                spec,
                new SamplePlan(spec, DATA),
                steps,
                limits,
                UpdateRule.of(parsed),
                stopping,
                state,
                index -> "index " + index,
                observing,
                auditing,
                Optional.of(new WholeBatchGradient(arena, spec, DATA, new PlainKernel())),
                now);
    }

    private static Dataset data(int samples) {
        var arena = Arena.ofAuto();
        var random = Seeds.of(5, "points");
        var features = Floats.allocate(arena, (long) samples * FEATURES);
        var labels = new int[samples];
        for (var row = 0; row < samples; row++) {
            labels[row] = random.nextInt(CLASSES);
            for (var i = 0; i < FEATURES; i++) {
                Floats.set(
                        features,
                        (long) row * FEATURES + i,
                        (float) (random.nextGaussian() + (i % CLASSES == labels[row] ? 1 : 0)));
            }
        }
        return new Dataset(
                "points",
                Shape.of(FEATURES),
                samples,
                0,
                List.of(),
                new Features.Reals(features),
                new Targets.Labels(
                        List.of("a", "b", "c"), arena.allocateFrom(ValueLayout.JAVA_INT, labels)));
    }
}
