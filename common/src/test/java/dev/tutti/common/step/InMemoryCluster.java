package dev.tutti.common.step;

import dev.tutti.common.average.Payload;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Seeds;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Initializers;
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
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A whole cluster in one thread: the real machines of the coordinator and of the worker processes,
 * real gradients, a virtual clock, and streams that deliver in their own order but interleave as a
 * seed says.
 */
final class InMemoryCluster {
    private static final long TURN_NANOS = 1_000_000;
    private static final long TURNS_MAX = 2_000_000;

    private final Arena arena = Arena.ofAuto();
    private final Dataset data;
    private final RunSpec spec;
    private final Seeds random;
    private final TrainingState state;
    private final CoordinatorMachine coordinator;
    private final Map<ProcessId, SimulatedProcess> processes = new TreeMap<>();
    private final List<Decision> history = new ArrayList<>();
    private long now;
    private int processCount;
    private boolean over;
    private Predicate<ToCoordinator> corrupt = _ -> false;

    /** One process: its machine, and what is on its way in each direction. */
    private static final class SimulatedProcess {
        final Deque<ToCoordinator> toCoordinator = new ArrayDeque<>();
        final Deque<ToWorker> toWorker = new ArrayDeque<>();
        final Map<WorkerId, ShardComputer> computers = new HashMap<>();
        final Deque<WorkerEvent> done = new ArrayDeque<>();
        final boolean inPlace;
        WorkerMachine machine;
        boolean stopped;
        boolean hangs;

        SimulatedProcess(boolean inPlace, WorkerMachine machine) {
            this.inPlace = inPlace;
            this.machine = machine;
        }
    }

    InMemoryCluster(
            RunSpec spec,
            Dataset data,
            String optimizer,
            EarlyStopping stopping,
            long steps,
            long seed) {
        this.spec = spec;
        this.data = data;
        this.random = Seeds.of(seed, "interleaving");
        var model = spec.buildModel();
        var parsed = Optimizers.CATALOGUE.parse(optimizer);
        this.state = TrainingState.allocate(arena, model, parsed.slotCount());
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), spec.seed(), state.weights());
        this.coordinator =
                new CoordinatorMachine(
                        arena,
                        spec,
                        new SamplePlan(spec, spec.split(data)),
                        steps,
                        Limits.standard(1),
                        UpdateRule.of(parsed),
                        stopping,
                        state,
                        index -> "index " + index,
                        0);
    }

    /** Lets messages of a kind arrive with a NaN in their payload. */
    void poison(Predicate<ToCoordinator> which) {
        corrupt = which;
    }

    /** Starts a process and returns its number; it joins at once. */
    ProcessId join(int workers, boolean inPlace) {
        var id = new ProcessId(processCount++);
        var info = new ProcessInfo(workers, "host", id.number(), "plain", "same");
        perform(
                coordinator.on(
                        new CoordinatorEvent.Joined(
                                id, new ToCoordinator.Join(Protocol.VERSION, info)),
                        now),
                Map.of(id, inPlace));
        return id;
    }

    /** Kills a process: its stream ends, what it had sent but not delivered is lost. */
    void kill(ProcessId id) {
        processes.remove(id);
        perform(coordinator.on(new CoordinatorEvent.Left(id, "killed"), now), Map.of());
    }

    /** Stops a process as SIGSTOP does: it says nothing more, not even a heartbeat. */
    void stop(ProcessId id) {
        Objects.requireNonNull(processes.get(id)).stopped = true;
    }

    /** Lets a process beat on, but neither receive nor send anything any more. */
    void hang(ProcessId id) {
        Objects.requireNonNull(processes.get(id)).hangs = true;
    }

    /** Runs until the step has been taken, or the run is over. */
    void runToStep(long step) {
        for (var turns = 0L; !over && coordinator.version() < step; turns++) {
            turn(turns);
        }
    }

    /** Runs to the end. */
    void run() {
        for (var turns = 0L; !over; turns++) {
            turn(turns);
        }
    }

    /** Runs for so many turns at most. */
    void turns(int count) {
        for (var turn = 0; !over && turn < count; turn++) {
            turn(turn);
        }
    }

    /** Lets a message of a process arrive, whoever sent it. */
    void deliver(ProcessId id, ToCoordinator message) {
        perform(coordinator.on(new CoordinatorEvent.Received(id, message), now), Map.of());
    }

    <T extends Decision> List<T> history(Class<T> kind) {
        return history.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    float[] weights() {
        return Floats.toArray(state.weights());
    }

    private void turn(long turns) {
        if (turns > TURNS_MAX) {
            throw new AssertionError("the run does not end; last decisions: " + tail());
        }
        now += TURN_NANOS;
        if (turns % 100 == 0) {
            tick();
        }
        var able =
                processes.values().stream()
                        .filter(p -> !p.stopped && !p.hangs && isBusy(p))
                        .toList();
        if (able.isEmpty()) {
            now += 50 * TURN_NANOS;
            tick();
            return;
        }
        advance(able.get(random.nextInt(able.size())));
    }

    private void tick() {
        processes.forEach((id, process) -> {
            if (!process.stopped) {
                perform(coordinator.on(new CoordinatorEvent.Beat(id), now), Map.of());
            }
        });
        perform(coordinator.on(new CoordinatorEvent.TimePassed(), now), Map.of());
    }

    private String tail() {
        return history.subList(Math.max(0, history.size() - 5), history.size()).toString();
    }

    private static boolean isBusy(SimulatedProcess process) {
        return !process.toCoordinator.isEmpty()
                || !process.toWorker.isEmpty()
                || !process.done.isEmpty();
    }

    /** Delivers one thing of one process: which, the seed decides. */
    private void advance(SimulatedProcess process) {
        var choice = random.nextInt(3);
        for (var i = 0; i < 3; i++) {
            switch ((choice + i) % 3) {
                case 0 -> {
                    if (!process.toWorker.isEmpty()) {
                        perform(process, new WorkerEvent.Received(process.toWorker.remove()));
                        return;
                    }
                }
                case 1 -> {
                    if (!process.done.isEmpty()) {
                        perform(process, process.done.remove());
                        return;
                    }
                }
                default -> {
                    if (!process.toCoordinator.isEmpty()) {
                        deliver(process);
                        return;
                    }
                }
            }
        }
    }

    private void deliver(SimulatedProcess process) {
        var id =
                processes.entrySet().stream()
                        .filter(entry -> entry.getValue() == process)
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseThrow();
        var message = process.toCoordinator.remove();
        perform(coordinator.on(new CoordinatorEvent.Received(id, message), now), Map.of());
    }

    private void perform(List<Decision> decisions, Map<ProcessId, Boolean> joining) {
        for (var decision : decisions) {
            history.add(decision);
            switch (decision) {
                case Decision.Send(var id, ToWorker.Welcome welcome) ->
                        welcome(id, welcome, joining.getOrDefault(id, false));
                case Decision.Send(var id, var message) -> {
                    var process = processes.get(id);
                    if (process != null) {
                        process.toWorker.add(message);
                    }
                }
                case Decision.Publish(var id, var version) -> publish(id, version);
                case Decision.Drop(var id, _, _) -> processes.remove(id);
                case Decision.Refuse(var id, _) -> processes.remove(id);
                case Decision.Completed(), Decision.Aborted _ -> over = true;
                case Decision.Admitted _,
                        Decision.Rejected _,
                        Decision.Note _,
                        Decision.StepTaken _,
                        Decision.PartEvaluated _,
                        Decision.EpochEnded _ -> {}
            }
        }
    }

    private void welcome(ProcessId id, ToWorker.Welcome welcome, boolean inPlace) {
        var model = spec.buildModel();
        var machine = new WorkerMachine(arena, welcome, model.vectorLength(), inPlace);
        var process = new SimulatedProcess(inPlace, machine);
        var pool = new VectorPool(arena, model.vectorLength());
        for (var worker : welcome.workers()) {
            process.computers.put(
                    worker, new ShardComputer(arena, spec, data, model, new PlainKernel(), pool));
        }
        processes.put(id, process);
        process.done.add(new WorkerEvent.DataLoaded());
    }

    private void publish(ProcessId id, long version) {
        var process = processes.get(id);
        if (process == null) {
            return;
        }
        if (process.inPlace) {
            process.toWorker.add(
                    new ToWorker.Weights(version, 0, Payload.of(coordinator.weights())));
            return;
        }
        var chunks = coordinator.chunks();
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            var slice =
                    Floats.slice(coordinator.weights(), chunks.offset(chunk), chunks.size(chunk));
            process.toWorker.add(
                    new ToWorker.Weights(
                            version,
                            chunks.offset(chunk),
                            Payload.of(Floats.of(arena, Floats.toArray(slice)))));
        }
    }

    private void perform(SimulatedProcess process, WorkerEvent event) {
        for (var decision : process.machine.on(event)) {
            switch (decision) {
                case WorkerDecision.Send(var message) ->
                        process.toCoordinator.add(wire(message, process));
                case WorkerDecision.LoadData _ -> process.done.add(new WorkerEvent.DataLoaded());
                case WorkerDecision.Compute(var lease, var weights) ->
                        process.done.add(compute(process, lease, weights));
                case WorkerDecision.Leave _ -> {}
            }
        }
    }

    /** A message as it comes out of the wire: a copy, unless it is handed over in place. */
    private ToCoordinator wire(ToCoordinator message, SimulatedProcess process) {
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
        var poisoned = corrupt.test(message);
        if (process.inPlace && !poisoned) {
            return message;
        }
        var copy = Floats.of(arena, Floats.toArray(values.floats()));
        values.release();
        if (poisoned) {
            Floats.set(copy, 0, Float.NaN);
        }
        return new ToCoordinator.Contribution(lease, totals, nanos, offset, Payload.of(copy));
    }

    private WorkerEvent compute(SimulatedProcess process, Lease lease, MemorySegment weights) {
        var computer = Objects.requireNonNull(process.computers.get(lease.worker()));
        return switch (lease.work()) {
            case Work.Train _ -> {
                var gradient = Floats.allocate(arena, Floats.count(weights));
                var totals = computer.train(lease, weights, gradient);
                yield new WorkerEvent.Computed(lease, totals, TURN_NANOS, Payload.of(gradient));
            }
            case Work.Evaluate _ ->
                    new WorkerEvent.EvaluationComputed(
                            lease, computer.evaluate(lease, weights), TURN_NANOS);
        };
    }
}
