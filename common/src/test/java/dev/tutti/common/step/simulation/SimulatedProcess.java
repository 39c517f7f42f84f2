package dev.tutti.common.step.simulation;

import dev.tutti.common.average.Totals;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.message.Stretch;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.vector.Elements;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A simulated process that joins a coordinator or a relay, and is a worker process or a relay
 * itself. Like a real one it connects again when its stream ends, and can be stopped and killed;
 * what it sends may be damaged, doubled and cut off.
 */
public final class SimulatedProcess {
    private static final Elements NAN = Elements.of(MemorySegment.ofArray(new float[] {Float.NaN}));

    /** What it is. */
    sealed interface Role permits SimulatedWorkers, SimulatedRelay {
        /** Tells whether there is a reason to join. */
        boolean isWanted();

        /** Has been welcomed by the upper side. */
        void welcomed(ToWorker.Welcome welcome);

        void received(ToWorker message);

        /** Is told to end in order; tells whether it will, once it has finished what it began. */
        boolean leaves();

        /** Its membership is over. */
        void sessionEnded();

        /** Is dead; with {@code silently}, as when a host loses power, nobody is told. */
        void killed(boolean silently);

        /** Goes on after a stop. */
        void goesOn();

        /** Tells whether a fault has struck a process that its answers depend on. */
        boolean isMemberTouched();

        /** Returns the gradients that it holds. */
        int lent();
    }

    final ProcessInfo info;
    final SimulatedMembers above;
    final boolean inPlace;
    public double slowness = 1;
    public boolean hangs;
    public boolean beatsVanish;
    boolean failsNext;
    boolean poisonsNext;
    boolean corruptsNext;
    int duplicates;
    private final SimulatedCluster cluster;
    private final SimulatedClock clock;
    private final Seeds random;
    private final Role role;
    private final Deque<Runnable> whileStopped = new ArrayDeque<>();
    private boolean touched;
    private boolean alive = true;
    private boolean stopped;
    private int stops;
    private int lives = 1;
    private boolean leaving;
    private int attempts;
    private boolean waitsToRetry;
    private @Nullable Session session;

    /** One membership, from the join on. */
    private static final class Session {
        final SimulatedLink link;
        final Set<Lease> unanswered = new HashSet<>();

        /** Those of them that were not revoked. */
        final Set<Lease> wanted = new HashSet<>();

        boolean isMember;

        Session(SimulatedLink link) {
            this.link = link;
        }
    }

    SimulatedProcess(
            SimulatedCluster cluster,
            SimulatedMembers above,
            Seeds random,
            ProcessInfo info,
            boolean inPlace,
            Function<SimulatedProcess, Role> role) {
        this.cluster = cluster;
        this.clock = cluster.clock;
        this.above = above;
        this.random = random;
        this.info = info;
        this.inPlace = inPlace;
        this.role = role.apply(this);
    }

    // ---- what may happen to it

    /** Opens a stream and asks to join, unless it has one, will try by itself, or need not. */
    void connect() {
        if (!alive || session != null || waitsToRetry || !role.isWanted()) {
            return;
        }
        var link = above.open(this);
        if (link == null) {
            retry(SimulatedLink.End.LOST);
            return;
        }
        session = new Session(link);
        // Who was started first joins first, so that a test knows the workers' numbers.
        clock.after(0, () -> above.join(link));
    }

    /** Ends it; with {@code silently}, as when a host loses power, nobody is told. */
    public void kill(boolean silently) {
        alive = false;
        stopped = false;
        touch();
        whileStopped.clear();
        role.killed(silently);
        endSession(silently);
    }

    /** Starts it again where it was. */
    void revive() {
        alive = true;
        leaving = false;
        waitsToRetry = false;
        attempts = 0;
        lives++;
    }

    public void stop() {
        stopped = true;
        stops++;
        touch();
    }

    public void goOn() {
        if (!stopped) {
            return;
        }
        stopped = false;
        role.goesOn();
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
    public void holdLink(long nanos) {
        if (session != null) {
            session.link.hold(clock.now() + nanos);
        }
    }

    /** Tells it to end in order. */
    public void leave() {
        leaving = true;
        if (!role.leaves()) {
            kill(false);
        }
    }

    /** Notes that a fault has struck it, or is going to. */
    public void touch() {
        touched = true;
        above.hub().memberTouched();
    }

    /** Tells whether a fault has struck it, or a process that it depends on. */
    boolean isTouched() {
        return touched || above.hub().isTouched();
    }

    /**
     * Tells whether it may be dropped for what was done to it, to those above or to those below.
     */
    boolean mayBeDropped() {
        return isTouched() || role.isMemberTouched();
    }

    public boolean isAlive() {
        return alive;
    }

    /** Returns how often it has been stopped. */
    int stops() {
        return stops;
    }

    /** Returns how often it has been started. */
    int lives() {
        return lives;
    }

    boolean isStopped() {
        return stopped;
    }

    boolean isLeaving() {
        return leaving;
    }

    /** Returns the gradients that it holds. */
    public int lent() {
        return role.lent();
    }

    public Role role() {
        return role;
    }

    public @Nullable ProcessId member() {
        return session == null || !session.isMember ? null : session.link.id;
    }

    // ---- what its role needs

    /** Lets something happen: now, or when it goes on if it is stopped. */
    void whenRunning(Runnable action) {
        if (!alive) {
            return;
        }
        if (stopped) {
            whileStopped.add(action);
        } else {
            action.run();
        }
    }

    /** Lets something happen in this membership after a time. */
    void after(long nanos, Runnable action) {
        var of = session;
        clock.after(nanos, () -> whenRunning(of, action));
    }

    /** Ends by itself. */
    void finish() {
        endSession(false);
        alive = false;
    }

    // ---- its stream

    /** Takes what arrives, now or when it goes on. */
    private void whenRunning(@Nullable Session of, Runnable action) {
        if (of != null && session == of) {
            whenRunning(() -> {
                if (session == of) {
                    action.run();
                }
            });
        }
    }

    void received(SimulatedLink link, ToWorker message) {
        var of = session;
        if (of == null || of.link != link || !link.openAtProcess) {
            return;
        }
        whenRunning(of, () -> take(of, message));
    }

    private void take(Session of, ToWorker message) {
        switch (message) {
            case ToWorker.Welcome welcome -> {
                attempts = 0;
                of.isMember = true;
                beat(of, welcome.limits().beat().toMillis());
                role.welcomed(welcome);
            }
            case ToWorker.Grant(var leases) -> {
                leases.forEach(lease -> granted(of, lease));
                role.received(message);
            }
            case ToWorker.Revoke(var leases) -> {
                leases.forEach(of.wanted::remove);
                role.received(message);
            }
            case ToWorker.Weights _,
                    ToWorker.Change _,
                    ToWorker.Statistics _,
                    ToWorker.Credit _,
                    ToWorker.State _,
                    ToWorker.StateWanted _,
                    ToWorker.Goodbye _ ->
                    role.received(message);
        }
    }

    /** Nobody relieves himself. */
    private void granted(Session of, Lease lease) {
        for (var other : of.wanted) {
            if (other.worker().equals(lease.worker())
                    && other.work().equals(lease.work())
                    && (other.shards().contains(lease.shards())
                            || lease.shards().contains(other.shards()))) {
                throw new AssertionError(
                        "%s was given %s on top of %s".formatted(info, lease, other));
            }
        }
        of.unanswered.add(lease);
        of.wanted.add(lease);
    }

    void ended(SimulatedLink link, SimulatedLink.End end) {
        var of = session;
        if (of != null && of.link == link) {
            whenRunning(
                    of,
                    () -> {
                        endSession(false);
                        retry(end);
                    });
        }
    }

    private void retry(SimulatedLink.End end) {
        if (!alive) {
            return;
        }
        if (leaving || end == SimulatedLink.End.OVER) {
            alive = false;
            return;
        }
        if (end == SimulatedLink.End.EXPELLED) {
            if (!isTouched()) {
                throw new AssertionError(info + " did nothing wrong and was expelled");
            }
            alive = false;
            return;
        }
        if (end == SimulatedLink.End.REFUSED) {
            if (info.fingerprint().equals("same")) {
                throw new AssertionError(info + " was refused for good");
            }
            alive = false;
            return;
        }
        var most = end == SimulatedLink.End.QUARANTINED ? 30_000 : 2_000;
        var limit = Math.min(most, 100 << Math.min(attempts++, 10));
        retryAfter((limit / 2 + random.nextInt(limit / 2 + 1)) * SimulatedClock.MILLI);
    }

    private void retryAfter(long nanos) {
        var life = lives;
        waitsToRetry = true;
        clock.after(
                nanos,
                () -> {
                    if (life == lives) {
                        waitsToRetry = false;
                        whenRunning(this::connect);
                    }
                });
    }

    private void endSession(boolean silently) {
        var of = session;
        session = null;
        if (of != null) {
            of.link.openAtProcess = false;
            role.sessionEnded();
            if (!silently) {
                above.left(of.link, "its connection broke");
            }
        }
    }

    private void beat(Session of, long everyMillis) {
        if (!alive || session != of) {
            return;
        }
        if (!stopped && !beatsVanish) {
            above.beat(of.link);
        }
        clock.after(everyMillis * SimulatedClock.MILLI, () -> beat(of, everyMillis));
    }

    // ---- what it sends

    void send(ToCoordinator message) {
        var of = session;
        if (of == null) {
            SimulatedMembers.release(message);
            return;
        }
        account(of, message);
        if (message instanceof ToCoordinator.Coded coded && cluster.isFlipped(message)) {
            above.send(of.link, () -> flipped(coded));
            return;
        }
        if (!(message
                instanceof
                ToCoordinator.Contribution(
                        var lease,
                        var totals,
                        var nanos,
                        var offset,
                        var values))) {
            above.send(of.link, () -> message);
            return;
        }
        if (corruptsNext) {
            corruptsNext = false;
            values.release();
            sendNonsense(of);
            return;
        }
        var strikes = poisonsNext && cluster.mayPoison(lease.work().step());
        var poisoned = strikes || cluster.isPoisoned(message);
        poisonsNext &= !strikes;
        var flipped = cluster.isFlipped(message);
        if (inPlace && !poisoned && !flipped) {
            above.send(of.link, () -> message);
            return;
        }
        var copy = SimulatedLoans.copy(values.elements());
        values.release();
        if (flipped) {
            var memory = copy.memory();
            memory.set(ValueLayout.JAVA_BYTE, 0, (byte) (memory.get(ValueLayout.JAVA_BYTE, 0) ^ 1));
        }
        if (poisoned) {
            touch();
            NAN.copyTo(copy.slice(random.nextInt((int) copy.count()), 1));
        }
        above.send(
                of.link,
                () ->
                        new ToCoordinator.Contribution(
                                lease, totals, nanos, offset, above.lend(copy)));
        if (duplicates > 0) {
            duplicates--;
            clock.after(
                    random.nextInt(3_000) * SimulatedClock.MILLI,
                    () -> sendAgain(lease, totals, nanos, offset, copy));
        }
    }

    private static ToCoordinator.Coded flipped(ToCoordinator.Coded coded) {
        var content = coded.bytes().content().clone();
        content[content.length - 1] ^= 1;
        var bytes = new Stretch(coded.bytes().offset(), coded.bytes().length(), content);
        return new ToCoordinator.Coded(coded.lease(), coded.totals(), coded.computeNanos(), bytes);
    }

    private void sendNonsense(Session of) {
        above.left(of.link, "it sent an invalid message (protocol error)");
        of.link.openAtProcess = false;
        session = null;
        role.sessionEnded();
        retryAfter(SimulatedClock.SECOND);
    }

    /** Something between the two sends a message once more, on the stream that there is now. */
    private void sendAgain(Lease lease, Totals totals, long nanos, long offset, Elements copy) {
        if (session != null && session.isMember) {
            above.send(
                    session.link,
                    () ->
                            new ToCoordinator.Contribution(
                                    lease, totals, nanos, offset, above.lend(copy)));
        }
    }

    /** Every lease is answered once. */
    private void account(Session of, ToCoordinator message) {
        var answered =
                switch (message) {
                    // The first floats travel last.
                    case ToCoordinator.Contribution(var lease, _, _, var offset, _) ->
                            offset == 0 ? lease : null;
                    case ToCoordinator.Evaluated(var lease, _, _, _) -> lease;
                    case ToCoordinator.Failed(var lease, _, _) -> lease;
                    case ToCoordinator.Returned(var lease) -> lease;
                    case ToCoordinator.Coded(var lease, _, _, var bytes) ->
                            bytes.isLast() ? lease : null;
                    case ToCoordinator.Join _,
                            ToCoordinator.Ready _,
                            ToCoordinator.State _,
                            ToCoordinator.Leaving _ ->
                            null;
                };
        if (answered != null && !of.unanswered.remove(answered)) {
            throw new AssertionError("answered twice or unasked: " + message);
        }
        if (answered != null) {
            of.wanted.remove(answered);
        }
    }

    /** Returns the leases that it has been given and has not answered. */
    List<Lease> unanswered() {
        return session == null ? List.of() : List.copyOf(session.unanswered);
    }
}
