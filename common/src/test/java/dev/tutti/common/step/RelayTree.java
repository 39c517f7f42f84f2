package dev.tutti.common.step;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Seeds;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Initializers;
import dev.tutti.common.nn.Model;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.UpdateRule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A coordinator, relays below it and worker processes below those, in one thread: the real
 * machines, real gradients, a virtual clock, and streams that interleave as a seed says. Weights go
 * chunk by chunk, as far as whoever sends them has them.
 */
final class RelayTree {
    private static final long TURN_NANOS = 1_000_000;
    private static final long TURNS_MAX = 3_000_000;

    private final Arena arena = Arena.ofAuto();
    private final RunSpec spec;
    private final Dataset data;
    private final Model model;
    private final Seeds random;
    private final TrainingState state;
    private final List<Link> links = new ArrayList<>();
    private final List<Decision> history = new ArrayList<>();
    private final Root root;
    private Predicate<ToCoordinator> corrupt = _ -> false;
    private long now;
    private int joined;
    private boolean over;

    RelayTree(RunSpec spec, Dataset data, String optimizer, long steps, Limits limits, long seed) {
        this.spec = spec;
        this.data = data;
        this.model = spec.buildModel();
        this.random = Seeds.of(seed, "interleaving");
        var parsed = Optimizers.CATALOGUE.parse(optimizer);
        this.state = TrainingState.allocate(arena, model, parsed.slotCount());
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), spec.seed(), state.weights());
        this.root =
                new Root(
                        new CoordinatorMachine(
                                arena,
                                spec,
                                plan(),
                                steps,
                                limits,
                                UpdateRule.of(parsed),
                                EarlyStopping.NEVER,
                                state,
                                index -> "index " + index,
                                0));
    }

    private SamplePlan plan() {
        return new SamplePlan(spec, spec.split(data));
    }

    // ---- what the tests do

    /** Whoever has members: the coordinator or a relay. */
    sealed interface Hub {
        /** Takes something that happened to a member, and does what its machine says. */
        void on(CoordinatorEvent event);

        PublishedWeights published();

        Map<ProcessId, Link> members();
    }

    /** A process that has a coordinator: a relay or a worker process. */
    sealed interface Participant {
        /** Has opened a stream to whoever it joins. */
        void connected(Link link);

        /** Takes a message from above, and does what its machine says. */
        void onMessage(ToWorker message);
    }

    Root root() {
        return root;
    }

    /** Starts a relay; it joins as soon as it has a member. */
    RelayProcess relay(Hub above) {
        return new RelayProcess(above);
    }

    /** Starts a worker process; it joins at once. */
    Workers workers(Hub above, int count) {
        return workers(above, count, "same");
    }

    Workers workers(Hub above, int count, String fingerprint) {
        var process = new Workers();
        join(above, process, new ProcessInfo(count, "host", 1, "plain", fingerprint));
        return process;
    }

    /** Kills a process: its stream ends, what was on its way is lost. */
    void kill(Link link) {
        links.remove(link);
        link.above.members().remove(link.id);
        if (link.process instanceof RelayProcess relay) {
            // Its members' streams end with it.
            relay.machine.ifPresent(RelayMachine::close);
            links.removeIf(other -> other.above == relay);
        }
        link.above.on(new CoordinatorEvent.Left(link.id, "killed"));
    }

    /** Lets messages of a kind arrive with a NaN in their payload. */
    void poison(Predicate<ToCoordinator> which) {
        corrupt = which;
    }

    void runToStep(long step) {
        for (var turns = 0L; !over && root.machine.version() < step; turns++) {
            turn(turns);
        }
    }

    void run() {
        for (var turns = 0L; !over; turns++) {
            turn(turns);
        }
        // What was said last arrives.
        for (var turns = 0; turns < 10_000; turns++) {
            turn(turns);
        }
    }

    void turns(int count) {
        for (var turn = 0; turn < count; turn++) {
            turn(turn);
        }
    }

    <T extends Decision> List<T> history(Class<T> kind) {
        return only(history, kind);
    }

    float[] weights() {
        return Floats.toArray(state.weights());
    }

    private static <T> List<T> only(List<?> all, Class<T> kind) {
        return all.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    // ---- time

    private void turn(long turns) {
        if (turns > TURNS_MAX) {
            throw new AssertionError(
                    "the run does not end; last decisions: "
                            + history.subList(Math.max(0, history.size() - 5), history.size()));
        }
        now += TURN_NANOS;
        if (turns % 100 == 0) {
            tick();
        }
        var able = links.stream().filter(Link::isBusy).toList();
        if (able.isEmpty()) {
            now += 50 * TURN_NANOS;
            tick();
            return;
        }
        able.get(random.nextInt(able.size())).advance(random.nextInt(4));
    }

    private void tick() {
        for (var link : List.copyOf(links)) {
            if (!link.stopped) {
                link.above.on(new CoordinatorEvent.Beat(link.id));
            }
        }
        root.on(new CoordinatorEvent.TimePassed());
        links.stream()
                .map(link -> link.process)
                .filter(RelayProcess.class::isInstance)
                .map(RelayProcess.class::cast)
                .toList()
                .forEach(relay -> relay.on(new CoordinatorEvent.TimePassed()));
    }

    // ---- streams

    private void join(Hub above, Participant process, ProcessInfo info) {
        var link = new Link(new ProcessId(joined++), above, process);
        links.add(link);
        above.members().put(link.id, link);
        process.connected(link);
        above.on(
                new CoordinatorEvent.Joined(
                        link.id, new ToCoordinator.Join(Protocol.VERSION, info)));
    }

    /** A stream between a process and whoever it joined, with what is on its way. */
    final class Link {
        final ProcessId id;
        final Hub above;
        final Participant process;
        final Deque<ToCoordinator> up = new ArrayDeque<>();
        final Deque<ToWorker> down = new ArrayDeque<>();
        final Deque<WorkerEvent> done = new ArrayDeque<>();

        /** Says nothing more, not even a heartbeat. */
        boolean stopped;

        /** Beats on, but neither receives nor sends. */
        boolean hangs;

        private long version = -1;
        private int nextChunk;

        Link(ProcessId id, Hub above, Participant process) {
            this.id = id;
            this.above = above;
            this.process = process;
        }

        boolean isBusy() {
            return !stopped
                    && !hangs
                    && !(up.isEmpty() && down.isEmpty() && done.isEmpty() && !hasWeights());
        }

        private boolean hasWeights() {
            return version >= 0 && nextChunk < above.published().chunksOf(version);
        }

        void publish(long newest) {
            version = newest;
            nextChunk = 0;
        }

        /** Lets one thing happen: which, the seed decides. */
        void advance(int choice) {
            for (var i = 0; i < 4; i++) {
                switch ((choice + i) % 4) {
                    case 0 -> {
                        if (!down.isEmpty()) {
                            process.onMessage(down.remove());
                            return;
                        }
                    }
                    case 1 -> {
                        if (hasWeights()) {
                            process.onMessage(nextWeights());
                            return;
                        }
                    }
                    case 2 -> {
                        if (!done.isEmpty() && process instanceof Workers workers) {
                            workers.on(done.remove());
                            return;
                        }
                    }
                    default -> {
                        if (!up.isEmpty()) {
                            above.on(new CoordinatorEvent.Received(id, arriving(up.remove())));
                            return;
                        }
                    }
                }
            }
        }

        private ToWorker nextWeights() {
            var published = above.published();
            var chunks = published.chunks();
            var offset = chunks.offset(nextChunk);
            var slice = Floats.slice(published.floats(), offset, chunks.size(nextChunk));
            nextChunk++;
            return new ToWorker.Weights(
                    version, offset, Payload.of(Floats.of(arena, Floats.toArray(slice))));
        }

        /** A message as it comes out of the wire: a copy, which whoever holds it is asked about. */
        private ToCoordinator arriving(ToCoordinator message) {
            if (!(message
                    instanceof
                    ToCoordinator.Contribution(
                            var lease,
                            var totals,
                            var nanos,
                            var offset,
                            var values))) {
                return message;
            }
            var copy = Floats.of(arena, Floats.toArray(values.floats()));
            values.release();
            if (corrupt.test(message)) {
                Floats.set(copy, 0, Float.NaN);
            }
            var held = above instanceof RelayProcess relay ? relay.loan(copy) : Payload.of(copy);
            return new ToCoordinator.Contribution(lease, totals, nanos, offset, held);
        }
    }

    // ---- processes

    /** The coordinator. */
    final class Root implements Hub {
        private final CoordinatorMachine machine;
        private final Map<ProcessId, Link> members = new TreeMap<>();

        Root(CoordinatorMachine machine) {
            this.machine = machine;
        }

        @Override
        public void on(CoordinatorEvent event) {
            for (var decision : machine.on(event, now)) {
                history.add(decision);
                if (decision instanceof Decision.OfMembers ofMembers) {
                    perform(this, ofMembers);
                }
                over |= decision instanceof Decision.Completed;
                over |= decision instanceof Decision.Aborted;
            }
        }

        @Override
        public PublishedWeights published() {
            return machine.published();
        }

        @Override
        public Map<ProcessId, Link> members() {
            return members;
        }
    }

    private void perform(Hub hub, Decision.OfMembers decision) {
        switch (decision) {
            case Decision.Send(var id, var message) ->
                    to(hub, id).ifPresent(l -> l.down.add(message));
            case Decision.Publish(var id, var version) ->
                    to(hub, id).ifPresent(link -> link.publish(version));
            case Decision.Drop(var id, _, _) -> end(hub, id);
            case Decision.Depart(var id, _, _) -> end(hub, id);
            case Decision.Refuse(var id, _) -> end(hub, id);
            case Decision.Admitted _, Decision.Rejected _, Decision.Note _, Decision.Warning _ -> {}
        }
    }

    private static Optional<Link> to(Hub hub, ProcessId id) {
        return Optional.ofNullable(hub.members().get(id));
    }

    private void end(Hub hub, ProcessId id) {
        to(hub, id).ifPresent(links::remove);
        hub.members().remove(id);
    }

    /** A relay. */
    final class RelayProcess implements Hub, Participant {
        private final Hub above;
        private final Map<ProcessId, Link> members = new TreeMap<>();
        private final List<CoordinatorEvent> waiting = new ArrayList<>();
        private final List<RelayDecision> history = new ArrayList<>();
        private Optional<Link> link = Optional.empty();
        private Optional<RelayMachine> machine = Optional.empty();
        private int loans;
        private int loansMax;

        RelayProcess(Hub above) {
            this.above = above;
        }

        @Override
        public void on(CoordinatorEvent event) {
            if (machine.isPresent()) {
                machine.get().on(new RelayEvent.FromBelow(event), now).forEach(this::perform);
                return;
            }
            if (event instanceof CoordinatorEvent.Joined(_, ToCoordinator.Join(_, var info))) {
                waiting.add(event);
                if (link.isEmpty()) {
                    var own = new ProcessInfo(1, "relay", 2, info.kernel(), info.fingerprint());
                    join(above, this, own);
                }
            }
        }

        @Override
        public void connected(Link opened) {
            link = Optional.of(opened);
        }

        @Override
        public void onMessage(ToWorker message) {
            if (message instanceof ToWorker.Welcome welcome && machine.isEmpty()) {
                machine =
                        Optional.of(
                                new RelayMachine(
                                        arena,
                                        welcome,
                                        plan(),
                                        model.vectorLength(),
                                        index -> "index " + index));
                waiting.forEach(this::on);
                return;
            }
            machine.orElseThrow().on(new RelayEvent.FromAbove(message), now).forEach(this::perform);
        }

        private void perform(RelayDecision decision) {
            history.add(decision);
            switch (decision) {
                case RelayDecision.Above(var message) -> link.orElseThrow().up.add(message);
                case RelayDecision.Below(var ofMembers) -> RelayTree.this.perform(this, ofMembers);
                case RelayDecision.WeightsArrived(), RelayDecision.Leave _ -> {}
            }
        }

        @Override
        public PublishedWeights published() {
            return machine.orElseThrow().published();
        }

        @Override
        public Map<ProcessId, Link> members() {
            return members;
        }

        Link link() {
            return link.orElseThrow();
        }

        /** Returns what it decided about its members. */
        <T extends Decision.OfMembers> List<T> history(Class<T> kind) {
            return only(
                    only(history, RelayDecision.Below.class).stream()
                            .map(RelayDecision.Below::decision)
                            .toList(),
                    kind);
        }

        /** Returns what it said to its coordinator. */
        <T extends ToCoordinator> List<T> said(Class<T> kind) {
            return only(
                    only(history, RelayDecision.Above.class).stream()
                            .map(RelayDecision.Above::message)
                            .toList(),
                    kind);
        }

        /** Returns the most payloads that it has held at a time. */
        int loansMax() {
            return loansMax;
        }

        private Payload loan(MemorySegment floats) {
            loansMax = Math.max(loansMax, ++loans);
            return new Payload() {
                @Override
                public MemorySegment floats() {
                    return floats;
                }

                @Override
                public void release() {
                    loans--;
                }
            };
        }
    }

    /** A worker process. */
    final class Workers implements Participant {
        private final Map<WorkerId, GradientSource> sources = new HashMap<>();
        private final List<WorkerDecision.Leave> left = new ArrayList<>();
        private Optional<WorkerMachine> machine = Optional.empty();
        private Optional<Link> link = Optional.empty();

        Link link() {
            return link.orElseThrow();
        }

        @Override
        public void connected(Link opened) {
            link = Optional.of(opened);
        }

        /** Returns how it was told to end. */
        List<WorkerDecision.Leave> left() {
            return left;
        }

        @Override
        public void onMessage(ToWorker message) {
            if (message instanceof ToWorker.Welcome welcome && machine.isEmpty()) {
                var pool = new VectorPool(arena, model.vectorLength());
                for (var worker : welcome.workers()) {
                    sources.put(
                            worker,
                            new ShardComputer(arena, spec, data, model, new PlainKernel(), pool));
                }
                var created = new WorkerMachine(arena, welcome, model.vectorLength(), false);
                machine = Optional.of(created);
                created.start().forEach(this::perform);
                return;
            }
            on(new WorkerEvent.Received(message));
        }

        private void on(WorkerEvent event) {
            machine.orElseThrow().on(event).forEach(this::perform);
        }

        private void perform(WorkerDecision decision) {
            switch (decision) {
                case WorkerDecision.Send(var message) -> link().up.add(message);
                case WorkerDecision.LoadData _ -> link().done.add(new WorkerEvent.DataLoaded());
                case WorkerDecision.Compute(var lease, var weights) ->
                        link().done.add(compute(lease, weights));
                case WorkerDecision.Leave leave -> left.add(leave);
            }
        }

        private WorkerEvent compute(Lease lease, MemorySegment weights) {
            var source = Optional.ofNullable(sources.get(lease.worker())).orElseThrow();
            return switch (lease.work()) {
                case Work.Train _ -> {
                    var gradient = Floats.allocate(arena, Floats.count(weights));
                    var totals = source.train(lease, weights, gradient, SubtreeSum.Progress.NONE);
                    yield new WorkerEvent.Computed(
                            lease, totals, totals.samples() * TURN_NANOS, Payload.of(gradient));
                }
                case Work.Evaluate _ ->
                        new WorkerEvent.EvaluationComputed(
                                lease, source.evaluate(lease, weights), TURN_NANOS);
            };
        }
    }
}
