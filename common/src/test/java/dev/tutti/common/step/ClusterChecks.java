package dev.tutti.common.step;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Holds a simulated cluster to the laws while it runs and when it has ended; a breach is an
 * assertion error at the very event.
 */
final class ClusterChecks {
    /** No wait of the run may be longer than this: pauses and quarantines have shorter limits. */
    private static final long PROGRESS = 900 * SimulatedClock.SECOND;

    private final SimulatedCluster cluster;
    private final Map<Integer, LedgerEntry> ledger = new TreeMap<>();
    private final Map<ProcessId, Decision.Admitted> members = new HashMap<>();
    private long lastStep;
    private long lastStepNanos;
    private int grantsOfWork;
    private Work work = new Work.Train(0);

    ClusterChecks(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    void decided(Decision decision) {
        switch (decision) {
            case Decision.StepTaken(var report) -> stepTaken(report);
            case Decision.EpochEnded(var entry) -> ledger.put(entry.epoch(), entry);
            case Decision.Admitted admitted -> members.put(admitted.process(), admitted);
            case Decision.Drop(var process, var workers, var reason) -> {
                check(
                        cluster.process(members.get(process)).touched,
                        () -> "a process that did nothing wrong was dropped: " + reason);
                named(process, workers, reason);
            }
            case Decision.Depart(var process, var workers, var reason) ->
                    named(process, workers, reason);
            case Decision.Send(_, ToWorker.Grant(var leases)) -> granted(leases);
            case Decision.PartEvaluated _ -> lastStepNanos = cluster.clock.now();
            case Decision.Send _,
                    Decision.Publish _,
                    Decision.ChunkStepped _,
                    Decision.Refuse _,
                    Decision.Rejected _,
                    Decision.Note _,
                    Decision.Warning _,
                    Decision.Completed _,
                    Decision.Aborted _ -> {}
        }
    }

    void coordinatorCrashed() {
        members.clear();
        grantsOfWork = 0;
        if (cluster.loans().outstanding() > 0) {
            cluster.loans().forget();
        }
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
        var most =
                cluster.scenario.limits().creditChunks() * Math.max(1, grantsOfWork)
                        + 2 * cluster.scenario.spec().shards();
        if (cluster.loans().outstanding() > most) {
            throw new AssertionError(
                    "the coordinator holds %d payloads of %d leases"
                            .formatted(cluster.loans().outstanding(), grantsOfWork));
        }
    }

    void ended() {
        check(cluster.loans().outstanding() == 0, () -> "payloads were never released");
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
            epochs.add(cluster.plan().batch(step).epoch());
        }
        return epochs;
    }

    private void stepTaken(StepReport report) {
        check(
                report.step() == lastStep + 1,
                () -> "step %d after %d".formatted(report.step(), lastStep));
        lastStep = report.step();
        lastStepNanos = cluster.clock.now();
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

    private void granted(List<Lease> leases) {
        for (var lease : leases) {
            if (!lease.work().equals(work)) {
                work = lease.work();
                grantsOfWork = 0;
            }
            grantsOfWork++;
        }
    }

    /** Whoever is gone is called by its workers' numbers, its host and its process id. */
    private void named(ProcessId process, List<WorkerId> workers, String reason) {
        var member = members.remove(process);
        if (member == null) {
            throw new AssertionError("nobody was known as " + process);
        }
        var words = new ArrayList<String>();
        workers.forEach(worker -> words.add(Integer.toString(worker.number())));
        words.add(member.info().host());
        words.add("pid " + member.info().pid());
        check(
                words.stream().allMatch(reason::contains),
                () -> "%s is not named in: %s".formatted(member, reason));
    }

    /** Law 4: a process that has been silent for three seconds has been named. */
    void namedSince(SimulatedProcess process, List<Decision> since) {
        var name = "pid %d)".formatted(process.info.pid());
        check(
                since.stream()
                        .anyMatch(decision ->
                                switch (decision) {
                                    case Decision.Warning(var line) -> line.contains(name);
                                    case Decision.Drop(_, _, var reason) -> reason.contains(name);
                                    default -> false;
                                }),
                () -> process.info + " was silent for three seconds and not named");
    }

    private static void check(boolean holds, Supplier<String> breach) {
        if (!holds) {
            throw new AssertionError(breach.get());
        }
    }
}
