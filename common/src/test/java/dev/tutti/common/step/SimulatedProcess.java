package dev.tutti.common.step;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.data.Seeds;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.kernel.PlainKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A simulated worker process: the real machine and real gradients. Like a real one it computes a
 * lease at a time for each worker, connects again when its stream ends, and can be stopped, slowed
 * and killed.
 */
final class SimulatedProcess {
    private static final long SAMPLE_NANOS = SimulatedClock.MILLI;

    final ProcessInfo info;
    final boolean inPlace;
    double slowness = 1;
    boolean hangs;

    /** Whether a fault has befallen it. */
    boolean touched;

    boolean failsNext;
    boolean poisonsNext;
    boolean corruptsNext;
    int duplicates;
    private final SimulatedCluster cluster;
    private final SimulatedClock clock;
    private final Seeds random;
    private final Deque<Runnable> whileStopped = new ArrayDeque<>();
    private boolean alive = true;
    private boolean stopped;
    private int stops;
    private boolean leaving;
    private int attempts;
    private @Nullable Session session;

    /** One membership, from the join on. */
    private static final class Session {
        final SimulatedLink link;
        final SimulatedLoans loans = new SimulatedLoans();
        final Map<WorkerId, ShardComputer> computers = new HashMap<>();
        final Set<Lease> unanswered = new HashSet<>();
        @Nullable WorkerMachine machine;

        Session(SimulatedLink link) {
            this.link = link;
        }
    }

    SimulatedProcess(
            SimulatedCluster cluster,
            SimulatedClock clock,
            Seeds random,
            ProcessInfo info,
            boolean inPlace) {
        this.cluster = cluster;
        this.clock = clock;
        this.random = random;
        this.info = info;
        this.inPlace = inPlace;
    }

    // ---- what may happen to it

    /** Opens a stream and asks to join. */
    void connect() {
        var link = cluster.open(this);
        if (link == null) {
            retry(SimulatedLink.End.LOST);
            return;
        }
        session = new Session(link);
        // Who was started first joins first, so that a test knows the workers' numbers.
        clock.after(0, () -> cluster.join(link));
    }

    /** Ends it; with {@code silently}, as when a host loses power, nobody is told. */
    void kill(boolean silently) {
        alive = false;
        touched = true;
        whileStopped.clear();
        endSession(silently);
    }

    void stop() {
        stopped = true;
        stops++;
        touched = true;
    }

    void goOn() {
        stopped = false;
        while (!stopped && !whileStopped.isEmpty()) {
            whileStopped.remove().run();
        }
    }

    /** Breaks its stream; both sides notice. */
    void cut() {
        if (session != null) {
            endSession(false);
            retry(SimulatedLink.End.LOST);
        }
    }

    /** Lets nothing through for a while, without either side being told. */
    void holdLink(long nanos) {
        if (session != null) {
            session.link.hold(clock.now() + nanos);
        }
    }

    /** Tells it to end in order. */
    void leave() {
        leaving = true;
        if (session != null && session.machine != null) {
            perform(session, new WorkerEvent.LeaveWanted("told to end"));
        } else {
            kill(false);
        }
    }

    boolean isAlive() {
        return alive;
    }

    /** Returns how often it has been stopped. */
    int stops() {
        return stops;
    }

    boolean isStopped() {
        return stopped;
    }

    @Nullable ProcessId member() {
        return session == null || session.machine == null ? null : session.link.id;
    }

    // ---- its stream

    /** Takes what arrives, now or when it goes on. */
    private void whenRunning(Session of, Runnable action) {
        if (!alive || session != of) {
            return;
        }
        if (stopped) {
            whileStopped.add(() -> whenRunning(of, action));
        } else {
            action.run();
        }
    }

    void received(SimulatedLink link, ToWorker message) {
        var of = session;
        if (of == null || of.link != link || !link.openAtProcess) {
            return;
        }
        whenRunning(
                of,
                () -> {
                    if (message instanceof ToWorker.Welcome welcome) {
                        welcomed(of, welcome);
                    } else {
                        if (message instanceof ToWorker.Grant(var leases)) {
                            of.unanswered.addAll(leases);
                        }
                        perform(of, new WorkerEvent.Received(message));
                    }
                });
    }

    void ended(SimulatedLink link, SimulatedLink.End end) {
        var of = session;
        if (of == null || of.link != link) {
            return;
        }
        whenRunning(
                of,
                () -> {
                    endSession(false);
                    retry(end);
                });
    }

    private void retry(SimulatedLink.End end) {
        if (!alive) {
            return;
        }
        if (leaving || end == SimulatedLink.End.OVER) {
            alive = false;
            return;
        }
        if (end == SimulatedLink.End.REFUSED) {
            throw new AssertionError(info + " was refused for good");
        }
        var most = end == SimulatedLink.End.QUARANTINED ? 30_000 : 2_000;
        var limit = Math.min(most, 100 << Math.min(attempts++, 10));
        clock.after(
                (limit / 2 + random.nextInt(limit / 2 + 1)) * SimulatedClock.MILLI,
                this::connectIfNeeded);
    }

    private void connectIfNeeded() {
        if (stopped) {
            whileStopped.add(this::connectIfNeeded);
        } else if (alive && session == null) {
            connect();
        }
    }

    private void endSession(boolean silently) {
        var of = session;
        session = null;
        if (of != null) {
            of.link.openAtProcess = false;
            if (!silently) {
                of.link.toCoordinator(() -> cluster.left(of.link, "its connection broke"));
            }
        }
    }

    private void beat(Session of, long everyMillis) {
        if (!alive || session != of) {
            return;
        }
        if (!stopped) {
            of.link.toCoordinator(() -> cluster.beat(of.link));
        }
        clock.after(everyMillis * SimulatedClock.MILLI, () -> beat(of, everyMillis));
    }

    /** The answer to a heartbeat: it is no member any more. */
    void notMember(SimulatedLink link) {
        ended(link, SimulatedLink.End.LOST);
    }

    // ---- its machine

    private void welcomed(Session of, ToWorker.Welcome welcome) {
        attempts = 0;
        var model = welcome.spec().buildModel();
        var arena = Arena.ofAuto();
        var machine = new WorkerMachine(arena, welcome, model.vectorLength(), inPlace);
        of.machine = machine;
        var pool = new VectorPool(arena, model.vectorLength());
        for (var worker : welcome.workers()) {
            of.computers.put(
                    worker,
                    new ShardComputer(
                            arena, welcome.spec(), Scenario.DATA, model, new PlainKernel(), pool));
        }
        beat(of, welcome.beatMillis());
        machine.start().forEach(decision -> perform(of, decision));
    }

    private void perform(Session of, WorkerEvent event) {
        var machine = of.machine;
        if (machine != null) {
            machine.on(event).forEach(decision -> perform(of, decision));
        }
    }

    private void perform(Session of, WorkerDecision decision) {
        switch (decision) {
            case WorkerDecision.Send(var message) -> send(of, message);
            case WorkerDecision.LoadData _ ->
                    clock.after(
                            random.nextInt(30) * SimulatedClock.MILLI,
                            () -> whenRunning(of, () -> perform(of, new WorkerEvent.DataLoaded())));
            case WorkerDecision.Compute(var lease, var weights) -> compute(of, lease, weights);
            case WorkerDecision.Leave(var complete, var reason) -> {
                if (!complete && !leaving && !cluster.isOver()) {
                    throw new AssertionError(info + " left by itself: " + reason);
                }
                endSession(false);
                alive = false;
            }
        }
    }

    /** Real gradients; the weights may be other ones by the time that a lease is over. */
    private void compute(Session of, Lease lease, MemorySegment weights) {
        var samples = Math.max(1, cluster.samples(lease));
        var nanos = (long) (samples * SAMPLE_NANOS * slowness * (0.8 + 0.4 * random.nextDouble()));
        var early = random.nextInt(2) == 0 ? compute(of, lease, weights, nanos) : null;
        if (early instanceof WorkerEvent.Computed computed) {
            progress(of, computed);
        }
        finishAfter(
                nanos,
                of,
                () -> perform(of, early != null ? early : compute(of, lease, weights, nanos)));
    }

    /** Tells of a gradient's end, and of more of it, before all of it is told. */
    private void progress(Session of, WorkerEvent.Computed computed) {
        var length = cluster.vectorLength();
        var parts = random.nextInt(4);
        for (var part = 1; part < parts; part++) {
            var from = length - length * part / parts;
            var event =
                    new WorkerEvent.Progressed(
                            computed.lease(), computed.totals(), computed.gradient(), from);
            clock.after(
                    computed.nanos() * part / parts,
                    () ->
                            whenRunning(
                                    of,
                                    () -> {
                                        if (!hangs) {
                                            perform(of, event);
                                        }
                                    }));
        }
    }

    private void finishAfter(long nanos, Session of, Runnable finish) {
        clock.after(
                nanos,
                () ->
                        whenRunning(
                                of,
                                () -> {
                                    if (hangs) {
                                        finishAfter(SimulatedClock.SECOND, of, finish);
                                    } else {
                                        finish.run();
                                    }
                                }));
    }

    private WorkerEvent compute(Session of, Lease lease, MemorySegment weights, long nanos) {
        if (failsNext) {
            failsNext = false;
            return new WorkerEvent.ComputationFailed(lease, "out of luck");
        }
        var computer = Objects.requireNonNull(of.computers.get(lease.worker()));
        return switch (lease.work()) {
            case Work.Train _ -> {
                var gradient = MemorySegment.ofArray(new float[(int) Floats.count(weights)]);
                var totals = computer.train(lease, weights, gradient, SubtreeSum.Progress.NONE);
                yield new WorkerEvent.Computed(lease, totals, nanos, of.loans.lend(gradient));
            }
            case Work.Evaluate _ ->
                    new WorkerEvent.EvaluationComputed(
                            lease, computer.evaluate(lease, weights), nanos);
        };
    }

    // ---- what it sends

    private void send(Session of, ToCoordinator message) {
        account(of, message);
        if (!(message
                instanceof
                ToCoordinator.Contribution(
                        var lease,
                        var totals,
                        var nanos,
                        var offset,
                        var values))) {
            cluster.send(of.link, () -> message);
            return;
        }
        if (corruptsNext) {
            corruptsNext = false;
            values.release();
            of.link.toCoordinator(() -> cluster.left(of.link, "it sent what no worker sends"));
            of.link.openAtProcess = false;
            session = null;
            clock.after(SimulatedClock.SECOND, this::connectIfNeeded);
            return;
        }
        var strikes = poisonsNext && cluster.mayPoison(lease.work().step());
        var poisoned = strikes || cluster.isPoisoned(message);
        poisonsNext &= !strikes;
        if (inPlace && !poisoned) {
            cluster.send(of.link, () -> message);
            return;
        }
        var floats = SimulatedLoans.copy(values);
        values.release();
        touched |= poisoned;
        if (poisoned) {
            floats[random.nextInt(floats.length)] = Float.NaN;
        }
        cluster.send(
                of.link,
                () ->
                        new ToCoordinator.Contribution(
                                lease, totals, nanos, offset, cluster.lend(floats)));
        if (duplicates > 0) {
            duplicates--;
            clock.after(
                    random.nextInt(3_000) * SimulatedClock.MILLI,
                    () -> sendAgain(lease, totals, nanos, offset, floats));
        }
    }

    /** Something between the two sends what was sent once more, on whatever stream there is now. */
    private void sendAgain(Lease lease, Totals totals, long nanos, long offset, float[] floats) {
        if (session != null && session.machine != null) {
            cluster.send(
                    session.link,
                    () ->
                            new ToCoordinator.Contribution(
                                    lease, totals, nanos, offset, cluster.lend(floats)));
        }
    }

    /** Every lease is answered once; what is lent stays within what is leased. */
    private void account(Session of, ToCoordinator message) {
        var answered =
                switch (message) {
                    // The first floats travel last.
                    case ToCoordinator.Contribution(var lease, _, _, var offset, _) ->
                            offset == 0 ? lease : null;
                    case ToCoordinator.Evaluated(var lease, _, _) -> lease;
                    case ToCoordinator.Failed(var lease, _, _) -> lease;
                    case ToCoordinator.Returned(var lease) -> lease;
                    case ToCoordinator.Join _, ToCoordinator.Ready _, ToCoordinator.Leaving _ ->
                            null;
                };
        if (answered != null && !of.unanswered.remove(answered)) {
            throw new AssertionError("answered twice or unasked: " + message);
        }
        var lent = of.loans.outstanding();
        if (!inPlace && lent > of.unanswered.size() + 1) {
            throw new AssertionError(
                    "%s holds %d gradients for %d leases"
                            .formatted(info, lent, of.unanswered.size()));
        }
    }

    /** Returns the leases that it has been given and has not answered. */
    List<Lease> unanswered() {
        return session == null ? List.of() : List.copyOf(session.unanswered);
    }

    /** Returns the gradients that it holds. */
    int lent() {
        return session == null ? 0 : session.loans.outstanding();
    }

    static Payload free(float[] floats) {
        return Payload.of(MemorySegment.ofArray(floats));
    }
}
