package dev.tutti.deploy.simulate;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.Model;
import dev.tutti.common.optim.Sgd;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.coordinate.CoordinatorMachine;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.Patience;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.drawn.Synthetic;
import dev.tutti.worker.data.source.DataOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A run in virtual time: the real machines of coordinator, relays and workers decide who sends what
 * when; computing and sending take what {@link Costs} say. So it shows what the protocol makes of
 * links and distances, on as many machines as wanted.
 *
 * <p>One float of the simulated vectors stands for {@link #CELL_FLOATS} floats, and a chunk has as
 * many fewer: the messages, chunks and credits are those of a real run, and thousands of workers
 * fit into memory.
 */
public final class ClusterSimulation {
    /** Floats that one float of a simulated vector stands for. */
    static final int CELL_FLOATS = 512;

    /** The steps before: until all have joined and all paces are known. */
    private static final int STEPS_BEFORE = 3;

    private static final int STEPS_MEASURED = 5;

    /** One more, because weights do not go out after the last step as they do after the others. */
    private static final int STEPS = STEPS_BEFORE + STEPS_MEASURED + 1;

    private static final int SAMPLES_OF_A_WORKER = 2;
    private static final long BEAT_NANOS = 60_000_000_000L;

    /** Nobody fails here, and a step of thousands of workers may take minutes. */
    private static final Patience PATIENCE = Patience.ofSeconds(100_000, 1_000_000);

    /** Where a machine stands. */
    enum Place {
        COORDINATOR("the coordinator"),
        RELAY("a relay"),
        WORKER("a worker");

        private final String text;

        Place(String text) {
            this.text = text;
        }
    }

    private record Placed(Place place, VirtualHost host) {}

    final VirtualClock clock = new VirtualClock();
    final Arena arena;
    final Costs costs;
    final SamplePlan plan;
    final Model model;

    /** Everybody's: zeros stay zeros, and its values change no decision. */
    final MemorySegment gradient;

    private final int workers;
    private final Optional<VectorCode> code;
    private final List<Placed> hosts = new ArrayList<>();
    private final Root root;
    private final List<SimulatedHub> hubs = new ArrayList<>();
    private int joined;

    private ClusterSimulation(Arena arena, Costs costs, int workers) {
        this.arena = arena;
        this.costs = costs;
        this.workers = workers;
        var batch = workers * SAMPLES_OF_A_WORKER;
        var data =
                new Synthetic()
                        .open(
                                DataOptions.of(
                                        "synthetic(%d,1,2)".formatted(batch), Targets.Kind.LABELS),
                                arena);
        var spec = spec(costs, batch, workers);
        this.model = spec.buildModel();
        this.plan = new SamplePlan(spec, data);
        this.gradient = Floats.allocate(arena, model.vectorLength());
        this.code = VectorCode.ofGradients(spec, model);
        var state = TrainingState.allocate(arena, model, 0, Precision.FP32);
        this.root =
                new Root(
                        new CoordinatorMachine(
                                arena,
                                spec,
                                plan,
                                STEPS,
                                Limits.standard(workers)
                                        .with(1, false, PATIENCE, PATIENCE, Duration.ofDays(30)),
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

    private static RunSpec spec(Costs costs, int batch, int workers) {
        return PlainSpec.of(
                "embedding(%d,1)".formatted(Math.ceilDiv(costs.floats(), CELL_FLOATS)),
                "mse",
                Shape.of(1),
                1,
                batch,
                workers,
                Chunks.DEFAULT_FLOATS / CELL_FLOATS,
                // Any will do that keeps nothing: its bytes are those of the costs.
                costs.code().isPresent() ? "sign" : "fp32");
    }

    /** Returns what a step of so many workers takes. */
    public static Prediction predict(Costs costs, Topology topology, int workers) {
        try (var arena = Arena.ofShared()) {
            var simulation = new ClusterSimulation(arena, costs, workers);
            simulation.connect(simulation.root, topology, workers);
            return simulation.run();
        }
    }

    /** Connects so many workers below a hub, evenly, through relays where they are too many. */
    private void connect(SimulatedHub above, Topology topology, int below) {
        if (!topology.needsRelays(below)) {
            for (var i = 0; i < below; i++) {
                new SimulatedWorker(this, above);
            }
            return;
        }
        // As few levels as will do, and on each as few relays as will do.
        long leaves = topology.fanout();
        while (leaves * topology.fanout() < below) {
            leaves *= topology.fanout();
        }
        var relays = Math.toIntExact(Math.ceilDiv(below, leaves));
        for (var i = 0; i < relays; i++) {
            var relay = new SimulatedRelay(this, above);
            hubs.add(relay);
            var share = (int) ((long) below * (i + 1) / relays - (long) below * i / relays);
            connect(relay, topology, share);
        }
    }

    /** Returns the machine of a process that begins. */
    VirtualHost host(Place place) {
        var host = new VirtualHost(clock, costs.link());
        hosts.add(new Placed(place, host));
        return host;
    }

    /** Returns what a gradient is compressed to, if it is. */
    Optional<VectorCode.Encoded> encoded() {
        return code.map(known -> known.encode(0, 0, gradient, known.zero()));
    }

    /** Returns a number for a process that joins. */
    int nextProcess() {
        return joined++;
    }

    private Prediction run() {
        beat();
        while (!root.over) {
            clock.advance();
        }
        var first = root.taken.get(STEPS_BEFORE - 1);
        var last = root.taken.get(STEPS_BEFORE + STEPS_MEASURED - 1);
        var nanos = last.nanos() - first.nanos();
        var bottleneck = new Busy("computing on a worker", costs.workNanos() * STEPS_MEASURED);
        for (var i = 0; i < hosts.size(); i++) {
            bottleneck =
                    bottleneck.orBusier(
                            hosts.get(i).place(), last.loads().get(i).since(first.loads().get(i)));
        }
        return new Prediction(
                workers,
                hubs.size() - 1,
                nanos / 1e6 / STEPS_MEASURED,
                (double) last.loads().getFirst().since(first.loads().getFirst()).bytes()
                        / STEPS_MEASURED,
                bottleneck.name(),
                (double) bottleneck.nanos() / nanos);
    }

    /** A part of a machine, and how long it was busy. */
    private record Busy(String name, long nanos) {
        Busy orBusier(Place place, VirtualHost.Load load) {
            return or("the link into " + place.text, load.receivingNanos())
                    .or("the link out of " + place.text, load.sendingNanos())
                    .or("taking in vectors on " + place.text, load.coreNanos());
        }

        private Busy or(String other, long otherNanos) {
            return otherNanos > nanos ? new Busy(other, otherNanos) : this;
        }
    }

    private void beat() {
        hubs.forEach(SimulatedHub::beat);
        clock.at(clock.now() + BEAT_NANOS, this::beat);
    }

    /** When a step had been taken, and what each machine had done by then. */
    private record Taken(long nanos, List<VirtualHost.Load> loads) {}

    /** The coordinator. */
    private final class Root extends SimulatedHub {
        private final CoordinatorMachine machine;
        private final List<Taken> taken = new ArrayList<>();
        private int chunksStepped;
        private boolean over;

        Root(CoordinatorMachine machine) {
            super(ClusterSimulation.this.host(Place.COORDINATOR));
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
                        taken.add(
                                new Taken(
                                        clock.now(),
                                        hosts.stream()
                                                .map(placed -> placed.host().load())
                                                .toList()));
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
