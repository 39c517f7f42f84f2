package dev.tutti.common.step;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who takes part in the run, and who has been heard of lately. */
final class Membership {
    private final Limits limits;
    private final Map<ProcessId, Member> members = new TreeMap<>();
    private int workersSeen;
    private String fingerprint = "";

    Membership(Limits limits) {
        this.limits = limits;
    }

    /** Returns how the kernel of the run's first worker rounds; empty before it joined. */
    String fingerprint() {
        return fingerprint;
    }

    /** Compares all kernels with this one. */
    void expect(String firstFingerprint) {
        fingerprint = firstFingerprint;
    }

    /** Returns why a process may not join; empty if it may. */
    Optional<Rejection> refusal(ToCoordinator.Join join) {
        if (join.protocol() != Protocol.VERSION) {
            return Optional.of(
                    new Rejection(
                            Rejection.Kind.PROTOCOL,
                            "protocol version %d found, %d expected: use the same release of tutti on all machines"
                                    .formatted(join.protocol(), Protocol.VERSION)));
        }
        return limits.strictKernels()
                ? kernelDifference(join.info())
                        .map(line -> new Rejection(Rejection.Kind.KERNEL, line))
                : Optional.empty();
    }

    /** Returns how a process's kernel differs from those that joined before; empty if it agrees. */
    Optional<String> kernelDifference(ProcessInfo info) {
        return fingerprint.isEmpty() || fingerprint.equals(info.fingerprint())
                ? Optional.empty()
                : Optional.of(
                        "kernel of %s (%s, fingerprint %s) gives other bits than the first worker's (fingerprint %s)"
                                .formatted(
                                        info.host(),
                                        info.kernel(),
                                        info.fingerprint(),
                                        fingerprint));
    }

    /** Takes a process in and numbers its workers. */
    Member join(ProcessId process, ProcessInfo info, long now) {
        if (fingerprint.isEmpty()) {
            fingerprint = info.fingerprint();
        }
        var workers = new ArrayList<WorkerId>();
        for (var i = 0; i < info.workers(); i++) {
            workers.add(new WorkerId(workersSeen++));
        }
        var silence =
                new AdaptiveDeadline(
                        8, limits.silenceMin().toNanos(), limits.silenceMax().toNanos());
        var member = new Member(process, info, List.copyOf(workers), silence, now);
        members.put(process, member);
        return member;
    }

    Optional<Member> find(ProcessId process) {
        return Optional.ofNullable(members.get(process));
    }

    void remove(ProcessId process) {
        members.remove(process);
    }

    Collection<Member> all() {
        return List.copyOf(members.values());
    }

    /** Returns the member that hosts a worker. */
    Optional<Member> hostOf(WorkerId worker) {
        return members.values().stream().filter(m -> m.workers.contains(worker)).findFirst();
    }

    /** Returns the workers that may be given leases, but for one. */
    List<WorkerId> readyWorkersBut(WorkerId excluded) {
        return readyWorkers().stream().filter(worker -> !worker.equals(excluded)).toList();
    }

    /** Returns the workers that may be given leases, by number. */
    List<WorkerId> readyWorkers() {
        return members.values().stream()
                .filter(Member::isReady)
                .flatMap(member -> member.workers.stream())
                .sorted()
                .toList();
    }
}
