package dev.tutti.common.step.simulation;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.coordinate.CoordinatorMachine;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BiFunction;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A whole cluster in one thread: the real machines of the coordinator, of relays and of worker
 * processes, real gradients, a virtual clock. Every delay is drawn from the seed, so a seed is a
 * whole history.
 */
public final class SimulatedCluster implements SimulatedMembers.Hub {
    static final long TICK = 100 * SimulatedClock.MILLI;
    private static final int STEPS_BETWEEN_CHECKPOINTS = 3;

    final Scenario scenario;
    public final SimulatedClock clock = new SimulatedClock();
    private final Arena arena = Arena.ofAuto();
    private final Seeds random;
    private final SamplePlan plan;
    private final long vectorLength;
    private final SimulatedMembers members = new SimulatedMembers(this, this);
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private final List<SimulatedRelay> relays = new ArrayList<>();
    private final List<Decision> history = new ArrayList<>();
    private final ClusterChecks checks;
    private CoordinatorMachine coordinator;
    private final SavedRun first;
    private boolean checkpointDue;
    private @Nullable SavedRun checkpoint;
    private int rewinds;
    private int changesSent;
    private final Queue<Runnable> whileStopped = new ArrayDeque<>();
    private int incarnation;
    private int stops;
    private boolean stopped;
    private boolean down;
    private boolean over;
    private int linkCount;
    private long poisonedStep = -1;
    private Predicate<ToCoordinator> poison = _ -> false;
    private Predicate<ToCoordinator> flip = _ -> false;
    private LongPredicate crashAfterStep = _ -> false;
    private long downNanos;
    private boolean diskFull;
    private double delayMillis = 2;

    public SimulatedCluster(Scenario scenario, long seed) {
        this.scenario = scenario;
        this.random = Seeds.of(seed, "delays");
        this.plan = new SamplePlan(scenario.spec(), Scenario.DATA);
        this.vectorLength = scenario.spec().buildModel().vectorLength();
        this.coordinator = scenario.machine(arena, 0);
        this.first = coordinator.saved().copy(arena);
        this.checks = new ClusterChecks(this);
        tick(0);
    }

    // ---- what a test may do

    /** Returns the weights of a run without faults, of one worker in the coordinator's process. */
    public static float[] undisturbed(Scenario scenario) {
        var cluster = new SimulatedCluster(scenario, 0);
        cluster.join(1, true);
        cluster.run();
        return cluster.weights();
    }

    /** Starts a worker process that joins the coordinator at once. */
    public SimulatedProcess join(int workers, boolean inPlace) {
        return join(members, workers, inPlace, "same");
    }

    /** Starts a worker process that joins the coordinator or a relay at once. */
    public SimulatedProcess join(SimulatedMembers above, int workers) {
        return join(above, workers, false, "same");
    }

    public SimulatedProcess join(
            SimulatedMembers above, int workers, boolean inPlace, String fingerprint) {
        var process =
                start(
                        above,
                        workers,
                        fingerprint,
                        inPlace,
                        (started, seeds) -> new SimulatedWorkers(this, started, seeds));
        process.connect();
        return process;
    }

    /** Starts a relay; it joins as soon as it has a member. */
    public SimulatedRelay relay(SimulatedMembers above) {
        var process =
                start(
                        above,
                        1,
                        "same",
                        false,
                        (started, seeds) -> new SimulatedRelay(this, started, seeds));
        var relay = (SimulatedRelay) process.role();
        relays.add(relay);
        relay.start();
        return relay;
    }

    private SimulatedProcess start(
            SimulatedMembers above,
            int workers,
            String fingerprint,
            boolean inPlace,
            BiFunction<SimulatedProcess, Seeds, SimulatedProcess.Role> role) {
        var number = processes.size();
        var info = new ProcessInfo(workers, "host" + number % 3, number, "plain", fingerprint);
        var process =
                new SimulatedProcess(
                        this,
                        above,
                        Seeds.of(random.nextLong(), "process"),
                        info,
                        inPlace,
                        started -> role.apply(started, Seeds.of(random.nextLong(), "role")));
        processes.add(process);
        return process;
    }

    /** Stops the coordinator for a time, as SIGSTOP does; what wakes first is its timer. */
    public void stopCoordinator(Duration time) {
        stopped = true;
        stops++;
        clock.after(
                time.toNanos(),
                () -> {
                    stopped = false;
                    stops++;
                    on(new MembersEvent.TimePassed());
                    while (!whileStopped.isEmpty()) {
                        whileStopped.remove().run();
                    }
                });
    }

    /** Lets messages of a kind arrive with a NaN in their payload. */
    public void poison(Predicate<ToCoordinator> which) {
        poison = which;
    }

    /**
     * Lets messages of a kind arrive with another last bit of the first number in their payload.
     */
    public void flip(Predicate<ToCoordinator> which) {
        flip = which;
    }

    /** Lets the coordinator crash when it has taken a step, before anybody is told. */
    public void crashAfterStep(LongPredicate which, long forNanos) {
        crashAfterStep = which;
        downNanos = forNanos;
    }

    /** Lets the coordinator crash now, and start again from its last checkpoint. */
    public void crash(long forNanos) {
        if (down || over) {
            return;
        }
        down = true;
        incarnation++;
        coordinator.halt();
        members.endAll(SimulatedLink.End.LOST);
        checks.coordinatorCrashed();
        clock.after(forNanos, this::restart);
    }

    /** Lets checkpoints fail, or work again. */
    void diskFull(boolean full) {
        diskFull = full;
    }

    /** Lets messages take so long on average. */
    public void delay(double millis) {
        delayMillis = millis;
    }

    /** Runs until the step has been taken, or the run is over. */
    public void runToStep(long step) {
        while (!over && (down || coordinator.version() < step)) {
            advance();
        }
    }

    /** Runs for a time. */
    public void runFor(long millis) {
        var until = clock.now() + millis * SimulatedClock.MILLI;
        while (!over && clock.now() < until) {
            advance();
        }
    }

    /** Runs to the end, and lets everything arrive that is on its way. */
    public void run() {
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
    public void requireLaws() {
        checks.ended();
    }

    /** Lets a message arrive in the name of a process, which need not have sent it. */
    public void deliver(SimulatedProcess process, ToCoordinator message) {
        on(SimulatedMembers.said(process, message));
    }

    public <T extends Decision> List<T> history(Class<T> kind) {
        return history.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    public List<SimulatedProcess> processes() {
        return List.copyOf(processes);
    }

    List<SimulatedRelay> relays() {
        return relays;
    }

    /** Returns the coordinator as those who join it see it. */
    public SimulatedMembers members() {
        return members;
    }

    public float[] weights() {
        return Floats.toArray(coordinator.saved().state().weights());
    }

    SimulatedProcess process(Decision.@Nullable Admitted member) {
        return processes.get((int) Objects.requireNonNull(member).info().pid());
    }

    public long version() {
        return coordinator.version();
    }

    boolean isOver() {
        return over;
    }

    boolean isDown() {
        return down;
    }

    public SimulatedLoans loans() {
        return members.loans;
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

    SimulatedLink link(SimulatedMembers above, SimulatedProcess process) {
        return new SimulatedLink(
                new ProcessId(linkCount++), above, process, clock, this::drawDelay);
    }

    boolean tossCoin() {
        return random.nextInt(2) == 0;
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

    boolean isFlipped(ToCoordinator message) {
        return flip.test(message);
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

    @Override
    public boolean isUp() {
        return !down && !over;
    }

    void changeSent() {
        changesSent++;
    }

    /** Returns how often a code went down in place of weights. */
    public int changesSent() {
        return changesSent;
    }

    /** Returns how often the run went back for want of a state. */
    public int rewinds() {
        return rewinds;
    }

    @Override
    public boolean isStopped() {
        return stopped;
    }

    @Override
    public void whenRunning(Runnable action) {
        if (stopped) {
            whileStopped.add(action);
        } else {
            action.run();
        }
    }

    @Override
    public PublishedWeights published(long version) {
        return coordinator.published(version);
    }

    @Override
    public List<Decision> history() {
        return history;
    }

    @Override
    public int turns() {
        return incarnation + stops;
    }

    @Override
    public boolean isTouched() {
        return false;
    }

    @Override
    public void memberTouched() {}

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
            if (!stopped) {
                on(new MembersEvent.TimePassed());
            }
            clock.after(TICK, () -> tick(of));
        }
    }

    @Override
    public void on(MembersEvent event) {
        if (down) {
            release(event);
            return;
        }
        decided(coordinator.on(event, clock.now()));
    }

    private void decided(List<Decision> decisions) {
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
        checkpointDue |= step.isPresent() && step.get() % STEPS_BETWEEN_CHECKPOINTS == 0;
        if (checkpointDue && !diskFull && !over) {
            if (coordinator.canBeSaved()) {
                checkpointDue = false;
                checkpointNow();
            } else {
                coordinator.collect();
            }
        }
    }

    /** Takes a checkpoint between two events. */
    public void checkpointNow() {
        checkpoint = coordinator.saved().copy(arena);
    }

    private static Optional<Long> stepTaken(List<Decision> decisions) {
        return decisions.stream()
                .filter(Decision.StepTaken.class::isInstance)
                .map(decision -> ((Decision.StepTaken) decision).report().step())
                .findFirst();
    }

    private static void release(MembersEvent event) {
        if (event instanceof MembersEvent.Received(_, var message)) {
            SimulatedMembers.release(message);
        }
    }

    private void perform(Decision decision) {
        switch (decision) {
            case Decision.OfMembers ofMembers -> members.perform(ofMembers);
            case Decision.ChunkStepped(var version, var chunk) ->
                    members.publishAhead(published(version), chunk, version);
            case Decision.Completed(), Decision.Aborted _ -> over = true;
            case Decision.StatesLost _ -> {
                rewinds++;
                var decisions = coordinator.rewind(start(), clock.now());
                checks.coordinatorStarted(coordinator.version());
                decided(decisions);
            }
            case Decision.StepTaken _,
                    Decision.PartEvaluated _,
                    Decision.EpochEnded _,
                    Decision.Audited _ -> {}
        }
    }

    /** Returns where the run goes back to. */
    private SavedRun start() {
        return checkpoint != null ? checkpoint : first;
    }

    private long drawDelay() {
        return (long) (delayMillis * SimulatedClock.MILLI * -Math.log(1 - random.nextDouble()));
    }
}
