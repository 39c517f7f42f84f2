package dev.tutti.common.step.simulation;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Holds a coordinator, or a relay, to what it owes its members and must say of them. */
final class MemberChecks {
    private final SimulatedCluster cluster;

    /** Chunks of a lease that may be held. */
    private final int ahead;

    private final Map<ProcessId, Decision.Admitted> members = new HashMap<>();
    private int grantsOfWork;
    private Work work = new Work.Train(0);

    MemberChecks(SimulatedCluster cluster) {
        this.cluster = cluster;
        var scenario = cluster.scenario;
        var credit = scenario.limits().members().creditChunks();
        var length = scenario.spec().buildModel().vectorLength();
        var chunks = new Chunks(length, scenario.spec().chunkFloats()).count();
        this.ahead =
                scenario.spec().averaging().needsWholeVectors()
                                || scenario.observing().needsWholeVectors()
                                || scenario.auditing().isOn()
                        ? Math.max(credit, chunks)
                        : credit;
    }

    void decided(Decision.OfMembers decision) {
        switch (decision) {
            case Decision.Admitted admitted -> members.put(admitted.process(), admitted);
            case Decision.Drop(var process, var workers, var reason) -> {
                check(
                        cluster.process(members.get(process)).mayBeDropped(),
                        () -> "a process that did nothing wrong was dropped: " + reason);
                named(process, workers, reason);
            }
            case Decision.Depart(var process, var workers, var reason) ->
                    named(process, workers, reason);
            case Decision.Send(_, ToWorker.Grant(var leases)) -> granted(leases);
            case Decision.Send _,
                    Decision.Publish _,
                    Decision.Refuse _,
                    Decision.Rejected _,
                    Decision.Note _,
                    Decision.Warning _ -> {}
        }
    }

    /** Its members are gone, and it with them. */
    void forget() {
        members.clear();
        grantsOfWork = 0;
    }

    /**
     * Law 7: what is held is bounded by what was leased and the credit of a lease, which is all of
     * it for a rule, or a look, that needs whole vectors.
     */
    void requireBounded(SimulatedLoans loans) {
        var scenario = cluster.scenario;
        // Audited gradients of several versions wait for another process at once.
        var waiting =
                scenario.auditing().isOn() && scenario.spec().keepsTasks()
                        ? 2 * ahead * scenario.spec().shards()
                        : 0;
        var most = ahead * Math.max(1, grantsOfWork) + 2 * scenario.spec().shards() + waiting;
        check(
                loans.outstanding() <= most,
                () ->
                        "%d payloads of %d leases are held"
                                .formatted(loans.outstanding(), grantsOfWork));
    }

    private void granted(List<Lease> leases) {
        for (var lease : leases) {
            if (!lease.work().isBeside(work)) {
                work = lease.work();
                grantsOfWork = 0;
            }
            grantsOfWork++;
        }
    }

    /** A member that is gone is named by its workers' numbers, its host and its process id. */
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
    static void namedSince(SimulatedProcess process, List<? extends Decision> since) {
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

    static void check(boolean holds, Supplier<String> breach) {
        if (!holds) {
            throw new AssertionError(breach.get());
        }
    }
}
