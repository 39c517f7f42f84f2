package dev.tutti.deploy.bench.scale;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.Model;
import dev.tutti.common.optim.Sgd;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.coordinate.CoordinatorMachine;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.drawn.Synthetic;
import dev.tutti.worker.data.source.DataOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A run in virtual time: the real machines of coordinator, relays and workers decide who sends what
 * when, and add and step real vectors; computing and sending take what a {@link ScaleModel} says.
 * So it shows what the protocol makes of links and distances, on as many machines as wanted.
 */
public final class ScaleSimulation {
    /** The steps before: until all have joined and all paces are known. */
    private static final int STEPS_BEFORE = 3;

    private static final int STEPS_MEASURED = 5;

    /** One more, because weights do not go out after the last step as they do after the others. */
    private static final int STEPS = STEPS_BEFORE + STEPS_MEASURED + 1;

    private static final int SAMPLES_OF_A_WORKER = 2;
    private static final long BEAT_NANOS = 100_000_000;
    private static final long TIME_MAX_NANOS = 600_000_000_000L;

    final VirtualClock clock = new VirtualClock();
    final Arena arena;
    final ScaleModel costs;
    final SamplePlan plan;
    final Model model;

    /** Everybody's: zeros stay zeros, and its values change no decision. */
    final MemorySegment gradient;

    private final Root root;
    private final List<SimulatedHub> hubs = new ArrayList<>();
    private int joined;

    /**
     * What came out.
     *
     * @param millis of a step
     * @param bytes that the coordinator's link carries in a step, both ways
     */
    public record Result(double millis, double bytes) {}

    private ScaleSimulation(Arena arena, ScaleModel costs, int workers) {
        this.arena = arena;
        this.costs = costs;
        var batch = workers * SAMPLES_OF_A_WORKER;
        var data =
                new Synthetic()
                        .open(
                                DataOptions.of(
                                        "synthetic(%d,1,2)".formatted(batch), Targets.Kind.LABELS),
                                arena);
        var spec = spec(costs, data, batch, workers);
        this.model = spec.buildModel();
        this.plan = new SamplePlan(spec, data);
        this.gradient = Floats.allocate(arena, model.vectorLength());
        var state = TrainingState.allocate(arena, model, 0, Precision.FP32);
        this.root =
                new Root(
                        new CoordinatorMachine(
                                arena,
                                spec,
                                plan,
                                STEPS,
                                Limits.standard(workers),
                                UpdateRule.of(new Sgd(1e-3, 0, false, 0)),
                                EarlyStopping.NEVER,
                                state,
                                index -> "index " + index,
                                Observing.NONE,
                                Auditing.NONE,
                                Optional.empty(),
                                0));
        hubs.add(root);
    }

    private static RunSpec spec(ScaleModel costs, Dataset data, int batch, int workers) {
        return new RunSpec(
                "embedding(%d,1)".formatted(costs.floats()),
                "mse",
                Shape.of(1),
                1,
                1,
                batch,
                false,
                workers,
                0,
                0,
                data.name(),
                "",
                0,
                Chunks.DEFAULT_FLOATS,
                Roundings.NONE,
                "mean",
                "none",
                "none",
                0,
                "synchronous",
                RunSpec.NO_CLOCK,
                "iid",
                "fp32");
    }

    /** Returns a step of workers that are all connected to the coordinator. */
    public static Result star(ScaleModel costs, int workers) {
        try (var arena = Arena.ofShared()) {
            var simulation = new ScaleSimulation(arena, costs, workers);
            for (var i = 0; i < workers; i++) {
                new SimulatedWorker(simulation, simulation.root);
            }
            return simulation.run();
        }
    }

    /** Returns a step of workers behind relays, each with at most so many of them. */
    public static Result tree(ScaleModel costs, int workers, int workersOfARelay) {
        try (var arena = Arena.ofShared()) {
            var simulation = new ScaleSimulation(arena, costs, workers);
            for (var i = 0; i < workers; i += workersOfARelay) {
                var relay = new SimulatedRelay(simulation, simulation.root);
                simulation.hubs.add(relay);
                for (var j = i; j < Math.min(workers, i + workersOfARelay); j++) {
                    new SimulatedWorker(simulation, relay);
                }
            }
            return simulation.run();
        }
    }

    /** Returns a number for a process that joins. */
    int nextProcess() {
        return joined++;
    }

    private Result run() {
        beat();
        while (!root.over) {
            clock.advance();
            if (clock.now() > TIME_MAX_NANOS) {
                throw new IllegalStateException("a simulated run does not end");
            }
        }
        var first = root.taken.get(STEPS_BEFORE - 1);
        var last = root.taken.get(STEPS_BEFORE + STEPS_MEASURED - 1);
        return new Result(
                (last.nanos() - first.nanos()) / 1e6 / STEPS_MEASURED,
                (double) (last.bytes() - first.bytes()) / STEPS_MEASURED);
    }

    private void beat() {
        hubs.forEach(SimulatedHub::beat);
        clock.at(clock.now() + BEAT_NANOS, this::beat);
    }

    /** When a step had been taken, and what the coordinator's link had carried then. */
    private record Taken(long nanos, long bytes) {}

    /** The coordinator. */
    private final class Root extends SimulatedHub {
        private final CoordinatorMachine machine;
        private final List<Taken> taken = new ArrayList<>();
        private int chunksStepped;
        private boolean over;

        Root(CoordinatorMachine machine) {
            super(new VirtualHost(clock, costs));
            this.machine = machine;
        }

        @Override
        void on(MembersEvent event) {
            if (event instanceof MembersEvent.Received(var id, ToCoordinator.Ready(_, var levels))
                    && levels == 0) {
                letFlow(id);
            }
            for (var decision : machine.on(event, clock.now())) {
                switch (decision) {
                    case Decision.OfMembers ofMembers -> perform(ofMembers);
                    case Decision.ChunkStepped(var version, _) -> {
                        chunksStepped++;
                        // The last chunk of a step is there with the step itself.
                        if (version > machine.version()) {
                            publishAhead(ahead());
                        }
                    }
                    case Decision.StepTaken _ -> {
                        taken.add(new Taken(clock.now(), host.bytes()));
                        chunksStepped = 0;
                    }
                    case Decision.Completed() -> over = true;
                    case Decision.Aborted(_, var reason) ->
                            throw new IllegalStateException("a simulated run ended: " + reason);
                    case Decision.Audited _,
                            Decision.StatesLost _,
                            Decision.EpochEnded _,
                            Decision.PartEvaluated _ -> {}
                }
            }
        }

        @Override
        PublishedWeights published(long version) {
            return version == machine.version() ? machine.published() : ahead();
        }

        /** The chunks are stepped over in the order in which contributions travel. */
        private PublishedWeights ahead() {
            var ahead = machine.ahead();
            return new PublishedWeights(
                    ahead.elements(), ahead.chunks(), ahead.version(), chunksStepped);
        }
    }
}
