package dev.tutti.common.step.simulation;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.relay.RelayDecision;
import dev.tutti.common.step.relay.RelayEvent;
import dev.tutti.common.step.relay.RelayMachine;
import dev.tutti.common.step.run.ProcessId;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A simulated relay: the real machine, driven as the real process drives it. It joins when it has a
 * member that waits, tells its members to join anew when it has lost its upper side, and ends with
 * the run. Its members find it at the same place when it is started again.
 */
public final class SimulatedRelay implements SimulatedProcess.Role, SimulatedMembers.Hub {
    public final SimulatedProcess process;
    public final SimulatedMembers members;
    private final SimulatedCluster cluster;
    private final Seeds random;
    private final MemberChecks checks;
    private final Map<ProcessId, MembersEvent.Joined> waiting = new LinkedHashMap<>();
    private final List<Decision.OfMembers> history = new ArrayList<>();
    private final List<ToCoordinator> said = new ArrayList<>();
    private boolean memberTouched;
    private @Nullable RelayMachine machine;

    SimulatedRelay(SimulatedCluster cluster, SimulatedProcess process, Seeds random) {
        this.cluster = cluster;
        this.process = process;
        this.random = random;
        this.members = new SimulatedMembers(cluster, this);
        this.checks = new MemberChecks(cluster);
    }

    /** Lets its time pass until it dies. */
    void start() {
        var life = process.lives();
        if (process.isAlive()) {
            cluster.clock.after(SimulatedCluster.TICK, () -> tick(life));
        }
    }

    /** Starts it again after a crash. */
    void revive() {
        process.revive();
        start();
    }

    private void tick(int life) {
        if (life == process.lives()) {
            if (!process.isStopped()) {
                on(new MembersEvent.TimePassed());
            }
            start();
        }
    }

    /** Returns what it decided about its members. */
    public <T extends Decision.OfMembers> List<T> history(Class<T> kind) {
        return history.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Returns what it said to the upper side. */
    public <T extends ToCoordinator> List<T> said(Class<T> kind) {
        return said.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    // ---- its members

    @Override
    public boolean isUp() {
        return process.isAlive();
    }

    @Override
    public boolean isStopped() {
        return process.isStopped();
    }

    @Override
    public void whenRunning(Runnable action) {
        if (process.isAlive()) {
            process.whenRunning(action);
        } else {
            action.run();
        }
    }

    @Override
    public void on(MembersEvent event) {
        if (machine != null) {
            machine.on(new RelayEvent.FromBelow(event), cluster.clock.now()).forEach(this::perform);
            checks.requireBounded(members.loans);
            return;
        }
        switch (event) {
            case MembersEvent.Joined joined -> {
                waiting.put(joined.process(), joined);
                process.connect();
            }
            case MembersEvent.Left(var member, _) -> waiting.remove(member);
            case MembersEvent.Received(_, var message) -> SimulatedMembers.release(message);
            case MembersEvent.Beat _, MembersEvent.TimePassed _ -> {}
        }
    }

    @Override
    public PublishedWeights published(long version) {
        return machine != null ? machine.published(version) : PublishedWeights.NONE;
    }

    @Override
    public List<Decision.OfMembers> history() {
        return history;
    }

    @Override
    public int turns() {
        return 1_000 * process.lives() + 2 * process.stops() + (isStopped() ? 1 : 0);
    }

    @Override
    public boolean isTouched() {
        return process.isTouched();
    }

    @Override
    public void memberTouched() {
        memberTouched = true;
        process.above.hub().memberTouched();
    }

    @Override
    public boolean isMemberTouched() {
        return memberTouched;
    }

    @Override
    public int lent() {
        return members.loans.outstanding();
    }

    // ---- the upper side

    @Override
    public boolean isWanted() {
        return !waiting.isEmpty();
    }

    /** The dataset takes a while, and only then it knows what a shard is. */
    @Override
    public void welcomed(ToWorker.Welcome welcome) {
        process.after(random.nextInt(30) * SimulatedClock.MILLI, () -> loaded(welcome));
    }

    private void loaded(ToWorker.Welcome welcome) {
        machine =
                new RelayMachine(
                        Arena.ofAuto(),
                        welcome,
                        cluster.plan(),
                        cluster.vectorLength(),
                        index -> "index " + index);
        var joins = List.copyOf(waiting.values());
        waiting.clear();
        joins.forEach(this::on);
    }

    @Override
    public void received(ToWorker message) {
        if (machine != null) {
            machine.on(new RelayEvent.FromAbove(message), cluster.clock.now())
                    .forEach(this::perform);
        } else if (message instanceof ToWorker.Goodbye) {
            waiting.keySet().forEach(member -> members.send(member, message));
            end();
        }
    }

    private void perform(RelayDecision decision) {
        switch (decision) {
            case RelayDecision.Above(var message) -> {
                said.add(message);
                process.send(message);
            }
            case RelayDecision.Below(var ofMembers) -> {
                history.add(ofMembers);
                checks.decided(ofMembers);
                members.perform(ofMembers);
            }
            case RelayDecision.WeightsArrived() -> members.drainAll();
            case RelayDecision.Leave(var complete, var reason) -> {
                if (!complete && !cluster.isOver()) {
                    throw new AssertionError(process.info + " left by itself: " + reason);
                }
                end();
            }
        }
    }

    private void end() {
        members.endAll(SimulatedLink.End.OVER);
        process.finish();
    }

    @Override
    public boolean leaves() {
        return false;
    }

    @Override
    public void sessionEnded() {
        if (machine != null) {
            // Members join anew.
            members.endAll(SimulatedLink.End.LOST);
            close();
            MemberChecks.check(
                    members.loans.outstanding() == 0,
                    () -> process.info + " kept payloads of a membership that is over");
        }
    }

    @Override
    public void killed(boolean silently) {
        close();
        waiting.clear();
        members.loans.forget();
        if (silently) {
            members.vanish();
        } else {
            members.endAll(SimulatedLink.End.LOST);
        }
    }

    private void close() {
        if (machine != null) {
            machine.close();
            machine = null;
        }
        checks.forget();
    }

    /** What it wakes up to first is not said: its members' messages, or that time has passed. */
    @Override
    public void goesOn() {
        if (random.nextInt(2) == 0) {
            on(new MembersEvent.TimePassed());
        }
    }
}
