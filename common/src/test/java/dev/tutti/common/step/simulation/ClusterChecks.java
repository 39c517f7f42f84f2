package dev.tutti.common.step.simulation;

import static dev.tutti.common.step.simulation.MemberChecks.check;

import dev.tutti.common.step.course.LedgerEntry;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.sync.order.Task;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Holds a simulated cluster to the laws while it runs and when it has ended; a breach is an
 * assertion error at the very event.
 */
final class ClusterChecks {
    /** No wait of the run may be longer than this: pauses and quarantines have shorter limits. */
    private static final long PROGRESS = 900 * SimulatedClock.SECOND;

    private final SimulatedCluster cluster;
    private final Map<Integer, LedgerEntry> ledger = new TreeMap<>();
    private final MemberChecks members;
    private long lastStep;
    private long lastStepNanos;

    ClusterChecks(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.members = new MemberChecks(cluster);
    }

    void decided(Decision decision) {
        switch (decision) {
            case Decision.StepTaken(var report) -> stepTaken(report);
            case Decision.EpochEnded(var entry) -> ledger.put(entry.epoch(), entry);
            case Decision.OfMembers ofMembers -> members.decided(ofMembers);
            case Decision.PartEvaluated _ -> lastStepNanos = cluster.clock.now();
            case Decision.Audited _,
                    Decision.StatesLost _,
                    Decision.ChunkStepped _,
                    Decision.Completed _,
                    Decision.Aborted _ -> {}
        }
    }

    void coordinatorCrashed() {
        members.forget();
        cluster.loans().forget();
    }

    void coordinatorStarted(long version) {
        lastStep = version;
        lastStepNanos = cluster.clock.now();
    }

    /** Cheap enough to be asked after every event. */
    void during() {
        var now = cluster.clock.now();
        if (now - lastStepNanos > PROGRESS) {
            throw new AssertionError(
                    "nothing has gone on for %d s; last decisions:\n  %s"
                            .formatted(
                                    (now - lastStepNanos) / SimulatedClock.SECOND, cluster.tail()));
        }
        members.requireBounded(cluster.loans());
    }

    void ended() {
        check(cluster.loans().outstanding() == 0, () -> "payloads were never released");
        for (var relay : cluster.relays()) {
            check(relay.lent() == 0, () -> relay.process.info + " never released payloads");
        }
        var aborted = cluster.history(Decision.Aborted.class);
        check(aborted.isEmpty(), () -> "the run was given up: " + aborted);
        for (var entry : ledger.values()) {
            check(
                    entry.exact() && entry.samplesPlanned() == entry.samplesCounted(),
                    () -> "the ledger is not exact: " + entry);
        }
        check(
                ledger.keySet().equals(epochs()),
                () -> "epochs without an account: " + ledger.keySet());
    }

    private Set<Integer> epochs() {
        var epochs = new TreeSet<Integer>();
        for (var step = 0L; step < lastStep; step++) {
            epochs.add(cluster.plan().epoch(step));
        }
        return epochs;
    }

    private void stepTaken(StepReport report) {
        check(
                report.step() == lastStep + 1,
                () -> "step %d after %d".formatted(report.step(), lastStep));
        lastStep = report.step();
        lastStepNanos = cluster.clock.now();
        if (!cluster.plan().mode().isWhole()) {
            tasksTaken(report);
            return;
        }
        var next = 0;
        var samples = 0;
        for (var share : report.shares()) {
            check(
                    share.shards().from() == next,
                    () -> "shards twice or not at all: " + report.shares());
            next = share.shards().to();
            samples += share.samples();
        }
        check(
                next == cluster.scenario.spec().shards(),
                () -> "shards left out: " + report.shares());
        check(samples == report.totals().samples(), () -> "samples left out: " + report);
    }

    /**
     * A step of a schedule has its tasks; of those before a restart nobody knows who brought them.
     */
    private void tasksTaken(StepReport report) {
        var step = report.step() - 1;
        var workers = cluster.plan().tasks(step).tasks().stream().map(Task::worker).toList();
        check(
                report.shares().stream()
                        .allMatch(share ->
                                share.shards().size() == 1
                                        && workers.contains(share.shards().from())),
                () -> "shares of other tasks: " + report.shares());
        check(
                cluster.plan().expected(step).samples() == report.totals().samples(),
                () -> "samples left out: " + report);
    }
}
