package dev.tutti.common.step.simulation;

import dev.tutti.common.random.Seeds;
import java.util.ArrayList;
import java.util.List;

/**
 * The faults that strike a simulated cluster, drawn from a seed, each at its own step. Every fault
 * heals, so that a run with a plan must still end, with the same weights.
 */
public final class FaultPlan {
    private static final int FAULTS_MAX = 10;

    /** The kinds of faults. */
    enum Kind {
        CRASH,
        POWER_LOSS,
        PAUSE,
        SLOW,
        HANG,
        CUT,
        HALF_OPEN,
        DUPLICATE,
        CORRUPT,
        NOT_FINITE,
        FAIL,
        LEAVE,
        JOIN,
        COORDINATOR_CRASH,
        CRASH_BEFORE_BROADCAST,
        DISK_FULL
    }

    /**
     * One fault.
     *
     * @param step when so many steps have been taken
     * @param delayMillis after that
     * @param victim number of the process, as far as there is one
     * @param millis how long it lasts
     */
    record Fault(Kind kind, long step, long delayMillis, int victim, long millis) {}

    private final SimulatedCluster cluster;
    private final Seeds random;
    private final List<Fault> faults = new ArrayList<>();

    public FaultPlan(SimulatedCluster cluster, long seed) {
        this.cluster = cluster;
        this.random = Seeds.of(seed, "faults");
        var count = random.nextInt(FAULTS_MAX + 1);
        for (var i = 0; i < count; i++) {
            faults.add(
                    new Fault(
                            Kind.values()[random.nextInt(Kind.values().length)],
                            random.nextInt((int) cluster.scenario.steps()),
                            random.nextInt(60),
                            random.nextInt(1 << 20),
                            // Mostly short, some longer than every patience.
                            1L << (3 + random.nextInt(13))));
        }
    }

    /** Lets the faults happen from now on. */
    public void begin() {
        faults.forEach(this::await);
    }

    private void await(Fault fault) {
        if (cluster.isOver()) {
            return;
        }
        if (cluster.isDown() || cluster.version() < fault.step()) {
            cluster.clock.after(20 * SimulatedClock.MILLI, () -> await(fault));
        } else {
            after(fault.delayMillis(), () -> strike(fault));
        }
    }

    private void strike(Fault fault) {
        if (cluster.isOver()) {
            return;
        }
        var able =
                cluster.processes().stream()
                        .filter(SimulatedProcess::isAlive)
                        .filter(process -> mayStrike(fault.kind(), process))
                        .toList();
        if (able.isEmpty()) {
            return;
        }
        var victim = able.get(fault.victim() % able.size());
        victim.touch();
        switch (fault.kind()) {
            case CRASH -> crash(victim, false, fault.millis());
            case POWER_LOSS -> crash(victim, true, fault.millis());
            case PAUSE -> pause(victim, fault.millis());
            case SLOW -> {
                victim.slowness = 2 + fault.victim() % 100;
                after(fault.millis(), () -> victim.slowness = 1);
            }
            case HANG -> {
                victim.hangs = true;
                after(fault.millis(), () -> victim.hangs = false);
            }
            case CUT -> victim.cut();
            case HALF_OPEN -> victim.holdLink(fault.millis() * SimulatedClock.MILLI);
            case DUPLICATE -> victim.duplicates += 1 + fault.victim() % 20;
            case CORRUPT -> victim.corruptsNext = true;
            case NOT_FINITE -> victim.poisonsNext = true;
            case FAIL -> victim.failsNext = true;
            case LEAVE -> {
                victim.leave();
                after(fault.millis(), () -> replace(victim));
            }
            case JOIN -> cluster.join(somewhere(fault.victim()), 1 + fault.victim() % 3);
            case COORDINATOR_CRASH -> cluster.crash(downtime(fault));
            case CRASH_BEFORE_BROADCAST -> cluster.crashAfterStep(_ -> true, downtime(fault));
            case DISK_FULL -> {
                cluster.diskFull(true);
                after(fault.millis(), () -> cluster.diskFull(false));
            }
        }
    }

    private static long downtime(Fault fault) {
        return fault.millis() * SimulatedClock.MILLI;
    }

    private void crash(SimulatedProcess victim, boolean silently, long millis) {
        if (victim.inPlace) {
            return;
        }
        victim.kill(silently);
        after(millis, () -> replace(victim));
    }

    private void pause(SimulatedProcess victim, long millis) {
        if (victim.isStopped() || victim.inPlace) {
            return;
        }
        victim.above.expectName(victim);
        victim.stop();
        after(millis, victim::goOn);
    }

    /** Only workers compute. */
    private static boolean mayStrike(Kind kind, SimulatedProcess process) {
        return switch (kind) {
            case SLOW, HANG, FAIL -> process.role() instanceof SimulatedWorkers;
            case CRASH,
                    POWER_LOSS,
                    PAUSE,
                    CUT,
                    HALF_OPEN,
                    DUPLICATE,
                    CORRUPT,
                    NOT_FINITE,
                    LEAVE,
                    JOIN,
                    COORDINATOR_CRASH,
                    CRASH_BEFORE_BROADCAST,
                    DISK_FULL ->
                    true;
        };
    }

    /** Starts a process again: a relay at the address where its workers look for it. */
    private void replace(SimulatedProcess gone) {
        if (!cluster.isOver()) {
            switch (gone.role()) {
                case SimulatedWorkers _ -> cluster.join(gone.above, gone.info.workers());
                case SimulatedRelay relay -> relay.revive();
            }
        }
    }

    private SimulatedMembers somewhere(int number) {
        var relay = number % (1 + cluster.relays().size()) - 1;
        return relay < 0 ? cluster.members() : cluster.relays().get(relay).members;
    }

    private void after(long millis, Runnable what) {
        cluster.clock.after(millis * SimulatedClock.MILLI, what);
    }

    @Override
    public String toString() {
        return faults.toString();
    }
}
