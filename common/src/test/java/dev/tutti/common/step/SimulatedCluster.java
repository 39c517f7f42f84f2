package dev.tutti.common.step;

import dev.tutti.common.average.Payload;
import dev.tutti.common.data.Seeds;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A whole cluster in one thread: the real machines of the coordinator and of the worker processes,
 * real gradients, a virtual clock. Every delay is drawn from the seed, so a seed is a whole
 * history.
 */
final class SimulatedCluster {
    private static final long TICK = 100 * SimulatedClock.MILLI;
    private static final int STEPS_BETWEEN_CHECKPOINTS = 3;

    final Scenario scenario;
    final SimulatedClock clock = new SimulatedClock();
    private final Arena arena = Arena.ofAuto();
    private final Seeds random;
    private final SamplePlan plan;
    private final long vectorLength;
    private final SimulatedLoans loans = new SimulatedLoans();
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private final Map<ProcessId, SimulatedLink> links = new LinkedHashMap<>();
    private final List<Decision> history = new ArrayList<>();
    private final ClusterChecks checks;
    private CoordinatorMachine coordinator;
    private @Nullable SavedRun checkpoint;
    private int incarnation;
    private boolean down;
    private boolean over;
    private int linkCount;
    private long poisonedStep = -1;
    private Predicate<ToCoordinator> poison = _ -> false;
    private LongPredicate crashAfterStep = _ -> false;
    private long downNanos;
    private boolean diskFull;
    private double delayMillis = 2;

    SimulatedCluster(Scenario scenario, long seed) {
        this.scenario = scenario;
        this.random = Seeds.of(seed, "delays");
        this.plan = new SamplePlan(scenario.spec(), scenario.spec().split(Scenario.DATA));
        this.vectorLength = scenario.spec().buildModel().vectorLength();
        this.coordinator = scenario.machine(arena, 0);
        this.checks = new ClusterChecks(this);
        tick(0);
    }

    // ---- what a test may do

    /** Starts a process that joins at once. */
    SimulatedProcess join(int workers, boolean inPlace) {
        var number = processes.size();
        var info = new ProcessInfo(workers, "host" + number % 3, number, "plain", "same");
        var process =
                new SimulatedProcess(
                        this, clock, Seeds.of(random.nextLong(), "process"), info, inPlace);
        processes.add(process);
        process.connect();
        return process;
    }

    /** Lets messages of a kind arrive with a NaN in their payload. */
    void poison(Predicate<ToCoordinator> which) {
        poison = which;
    }

    /** Lets the coordinator crash when it has taken a step, before anybody is told. */
    void crashAfterStep(LongPredicate which, long forNanos) {
        crashAfterStep = which;
        downNanos = forNanos;
    }

    /** Lets the coordinator crash now, and start again from its last checkpoint. */
    void crash(long forNanos) {
        if (down || over) {
            return;
        }
        down = true;
        incarnation++;
        coordinator.halt();
        List.copyOf(links.values()).forEach(link -> end(link, SimulatedLink.End.LOST));
        links.clear();
        checks.coordinatorCrashed();
        clock.after(forNanos, this::restart);
    }

    /**
     * From now on a process is silent: unless it goes on, it must be named within three seconds.
     */
    void expectName(SimulatedProcess process) {
        var member = process.member();
        var of = incarnation;
        var stops = process.stops();
        var link = member == null ? null : links.get(member);
        if (link == null || down || link.isHeld()) {
            return;
        }
        // A silence that had begun before may have been spoken of already.
        var known = link.decisionsAtBeat;
        clock.after(
                3 * SimulatedClock.SECOND,
                () -> {
                    var silent =
                            process.isStopped()
                                    && process.stops() == stops + 1
                                    && links.get(link.id) == link;
                    if (silent && !over && incarnation == of) {
                        checks.namedSince(process, history.subList(known, history.size()));
                    }
                });
    }

    /** Lets checkpoints fail, or work again. */
    void diskFull(boolean full) {
        diskFull = full;
    }

    /** Lets messages take so long on average. */
    void delay(double millis) {
        delayMillis = millis;
    }

    /** Runs until the step has been taken, or the run is over. */
    void runToStep(long step) {
        while (!over && (down || coordinator.version() < step)) {
            advance();
        }
    }

    /** Runs for a time. */
    void runFor(long millis) {
        var until = clock.now() + millis * SimulatedClock.MILLI;
        while (!over && clock.now() < until) {
            advance();
        }
    }

    /** Runs to the end, and lets everything arrive that is on its way. */
    void run() {
        while (!over) {
            advance();
        }
        var until = clock.now() + 60 * SimulatedClock.SECOND;
        while (clock.now() < until) {
            if (!clock.advance()) {
                break;
            }
        }
    }

    /** Asks what must hold after a run that has reached its end. */
    void requireLaws() {
        checks.ended();
    }

    /** Lets a message of a process arrive, whoever sent it. */
    void deliver(SimulatedProcess process, ToCoordinator message) {
        perform(new CoordinatorEvent.Received(Objects.requireNonNull(process.member()), message));
    }

    <T extends Decision> List<T> history(Class<T> kind) {
        return history.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    List<SimulatedProcess> processes() {
        return List.copyOf(processes);
    }

    float[] weights() {
        return Floats.toArray(coordinator.weights());
    }

    SimulatedProcess process(Decision.@Nullable Admitted member) {
        return processes.get((int) Objects.requireNonNull(member).info().pid());
    }

    long version() {
        return coordinator.version();
    }

    boolean isOver() {
        return over;
    }

    boolean isDown() {
        return down;
    }

    SimulatedLoans loans() {
        return loans;
    }

    /** Returns what the last decisions were, for messages. */
    String tail() {
        return String.join(
                "\n  ",
                history.subList(Math.max(0, history.size() - 12), history.size()).stream()
                        .map(Object::toString)
                        .map(line -> line.substring(0, Math.min(300, line.length())))
                        .toList());
    }

    private void advance() {
        clock.advance();
        checks.during();
    }

    // ---- what processes need

    @Nullable SimulatedLink open(SimulatedProcess process) {
        return down || over
                ? null
                : new SimulatedLink(new ProcessId(linkCount++), process, clock, this::drawDelay);
    }

    void join(SimulatedLink link) {
        if (down || over || !link.openAtProcess) {
            end(link, over ? SimulatedLink.End.OVER : SimulatedLink.End.LOST);
            return;
        }
        links.put(link.id, link);
        perform(
                new CoordinatorEvent.Joined(
                        link.id, new ToCoordinator.Join(Protocol.VERSION, link.process.info)));
    }

    void send(SimulatedLink link, Supplier<ToCoordinator> message) {
        if (!link.openAtProcess) {
            return;
        }
        link.toCoordinator(() -> {
            if (links.get(link.id) == link) {
                perform(new CoordinatorEvent.Received(link.id, message.get()));
            } else if (message.get() instanceof ToCoordinator.Contribution contribution) {
                contribution.values().release();
            }
        });
    }

    void left(SimulatedLink link, String reason) {
        if (links.remove(link.id) != null) {
            link.openAtCoordinator = false;
            perform(new CoordinatorEvent.Left(link.id, reason));
        }
    }

    void beat(SimulatedLink link) {
        if (down || over) {
            return;
        }
        if (links.get(link.id) == link) {
            link.decisionsAtBeat = history.size();
            perform(new CoordinatorEvent.Beat(link.id));
        } else {
            link.toProcess(() -> link.process.notMember(link));
        }
    }

    /** Two in one step would be a run that has diverged, and rightly ended. */
    boolean mayPoison(long step) {
        var first = step > poisonedStep;
        poisonedStep = Math.max(poisonedStep, step);
        return first;
    }

    boolean isPoisoned(ToCoordinator message) {
        return poison.test(message);
    }

    Payload lend(float[] floats) {
        return loans.lend(floats);
    }

    int samples(Lease lease) {
        return plan.slice(lease.work(), lease.shards()).count();
    }

    long vectorLength() {
        return vectorLength;
    }

    SamplePlan plan() {
        return plan;
    }

    // ---- the coordinator

    private void restart() {
        down = false;
        coordinator = scenario.machine(arena, clock.now());
        if (checkpoint != null) {
            coordinator.resume(checkpoint, clock.now());
        }
        checks.coordinatorStarted(coordinator.version());
        tick(incarnation);
    }

    private void tick(int of) {
        if (of == incarnation && !over) {
            perform(new CoordinatorEvent.TimePassed());
            clock.after(TICK, () -> tick(of));
        }
    }

    private void perform(CoordinatorEvent event) {
        if (down) {
            release(event);
            return;
        }
        var decisions = coordinator.on(event, clock.now());
        var step = stepTaken(decisions);
        if (step.isPresent() && crashAfterStep.test(step.get())) {
            crashAfterStep = _ -> false;
            crash(downNanos);
            return;
        }
        for (var decision : decisions) {
            history.add(decision);
            checks.decided(decision);
            perform(decision);
        }
        if (step.isPresent() && step.get() % STEPS_BETWEEN_CHECKPOINTS == 0 && !diskFull) {
            checkpoint = coordinator.saved().copy(arena);
        }
    }

    private static Optional<Long> stepTaken(List<Decision> decisions) {
        return decisions.stream()
                .filter(Decision.StepTaken.class::isInstance)
                .map(decision -> ((Decision.StepTaken) decision).report().step())
                .findFirst();
    }

    private static void release(CoordinatorEvent event) {
        if (event
                instanceof CoordinatorEvent.Received(_, ToCoordinator.Contribution contribution)) {
            contribution.values().release();
        }
    }

    private void perform(Decision decision) {
        switch (decision) {
            case Decision.Send(var id, var message) -> send(id, message);
            case Decision.Publish(var id, var version) -> publish(id, version);
            case Decision.ChunkStepped(var version, var chunk) -> publishAhead(version, chunk);
            case Decision.Drop(var id, _, _) -> end(id, SimulatedLink.End.LOST);
            case Decision.Depart(var id, _, _) -> end(id, SimulatedLink.End.LOST);
            case Decision.Refuse(var id, var why) ->
                    end(
                            id,
                            why.kind() == Rejection.Kind.QUARANTINED
                                    ? SimulatedLink.End.QUARANTINED
                                    : SimulatedLink.End.REFUSED);
            case Decision.Completed(), Decision.Aborted _ -> over = true;
            case Decision.Admitted _,
                    Decision.Rejected _,
                    Decision.Note _,
                    Decision.Warning _,
                    Decision.StepTaken _,
                    Decision.PartEvaluated _,
                    Decision.EpochEnded _ -> {}
        }
    }

    private void send(ProcessId id, ToWorker message) {
        var link = links.get(id);
        if (link != null) {
            link.toProcess(() -> link.process.received(link, message));
        }
    }

    private void publish(ProcessId id, long version) {
        var link = links.get(id);
        if (link == null) {
            return;
        }
        link.published = version;
        if (link.process.inPlace) {
            send(id, new ToWorker.Weights(version, 0, Payload.of(coordinator.weights())));
            return;
        }
        for (var chunk = 0; chunk < coordinator.chunks().count(); chunk++) {
            sendChunk(id, coordinator.published(), chunk);
        }
    }

    /** A shell may send a chunk before its step is done, to whoever has the weights before it. */
    private void publishAhead(long version, int chunk) {
        var from = coordinator.version() == version ? coordinator.published() : coordinator.ahead();
        for (var link : links.values()) {
            if (link.published == version - 1 && !link.process.inPlace && random.nextInt(2) == 0) {
                sendChunk(link.id, from, chunk);
            }
        }
    }

    private void sendChunk(ProcessId id, PublishedWeights from, int chunk) {
        var offset = from.chunks().offset(chunk);
        var floats = Floats.slice(from.floats(), offset, from.chunks().size(chunk));
        send(
                id,
                new ToWorker.Weights(
                        from.version(), offset, SimulatedProcess.free(Floats.toArray(floats))));
    }

    private void end(ProcessId id, SimulatedLink.End how) {
        var link = links.remove(id);
        if (link != null) {
            end(link, how);
        }
    }

    private static void end(SimulatedLink link, SimulatedLink.End how) {
        link.openAtCoordinator = false;
        link.toProcess(() -> link.process.ended(link, how));
    }

    private long drawDelay() {
        return (long) (delayMillis * SimulatedClock.MILLI * -Math.log(1 - random.nextDouble()));
    }
}
