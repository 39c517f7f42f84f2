package dev.tutti.common.step.lease;

import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who takes part in the run, and who has been heard of lately. */
public final class Membership {
    private final MemberLimits limits;
    private final Map<ProcessId, Member> members = new TreeMap<>();

    /** Whose each worker is, by the worker's number: every step asks several times. */
    private final Map<WorkerId, Member> hosts = new TreeMap<>();

    private final Quarantine quarantine = new Quarantine();
    private final Map<String, String> expelled = new TreeMap<>();
    private final Map<String, AuditTrail> trails = new TreeMap<>();
    private int workersSeen;
    private String fingerprint = "";

    public Membership(MemberLimits limits) {
        this.limits = limits;
    }

    /** Returns how the kernel of the run's first worker rounds; empty before it joined. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Compares all kernels with this one. */
    public void expect(String firstFingerprint) {
        fingerprint = firstFingerprint;
    }

    /** Returns why a process may not join; empty if it may. */
    public Optional<Rejection> refusal(ToCoordinator.Join join, long now) {
        if (join.protocol() != Protocol.VERSION) {
            return Optional.of(
                    new Rejection(
                            Rejection.Kind.PROTOCOL,
                            "protocol version %d found, %d expected: use the same release of tutti on all machines"
                                    .formatted(join.protocol(), Protocol.VERSION)));
        }
        var kernel =
                limits.strictKernels() ? kernelDifference(join.info()) : Optional.<String>empty();
        return Optional.ofNullable(expelled.get(Member.identity(join.info())))
                .map(line -> new Rejection(Rejection.Kind.EXPELLED, line))
                .or(() -> kernel.map(line -> new Rejection(Rejection.Kind.KERNEL, line)))
                .or(() ->
                        quarantine
                                .refusal(Member.identity(join.info()), now)
                                .or(() -> quarantine.refusal(Member.host(join.info()), now))
                                .map(line -> new Rejection(Rejection.Kind.QUARANTINED, line)));
    }

    /** Never takes a process in again. */
    public void expel(String process, String reason) {
        expelled.put(process, reason);
    }

    /** Returns what is known of a process's work that was not audited. */
    public AuditTrail trail(String process) {
        return trails.computeIfAbsent(process, _ -> new AuditTrail());
    }

    /** Returns the members that are a process: one, unless it has joined anew. */
    public List<Member> of(String process) {
        return members.values().stream().filter(member -> member.identity.equals(process)).toList();
    }

    /** Enters a bad result; returns why its process is not wanted for a while, if so. */
    public Optional<String> strike(Member member, String what, long now) {
        return quarantine.strike(member.identity, what, now);
    }

    /** Enters a good result. */
    public void proved(Member member) {
        member.prove();
        quarantine.good(member.identity);
        quarantine.forgive(member.host);
    }

    /**
     * Enters a loss. Processes of a host that are lost one after another before any has brought a
     * result are a crash loop, even though each had another number.
     */
    public void lost(Member member, String reason, long now) {
        remove(member.process);
        if (!member.isProven()) {
            quarantine.strike(member.host, reason, now);
        }
    }

    /** Returns how a process's kernel differs from those that joined before; empty if it agrees. */
    public Optional<String> kernelDifference(ProcessInfo info) {
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
    public Member join(ProcessId process, ProcessInfo info, long now) {
        if (fingerprint.isEmpty()) {
            fingerprint = info.fingerprint();
        }
        var workers = new ArrayList<WorkerId>();
        for (var i = 0; i < info.workers(); i++) {
            workers.add(new WorkerId(workersSeen++));
        }
        var silence = new AdaptiveDeadline(8, limits.silence());
        var member = new Member(process, info, List.copyOf(workers), silence, now);
        members.put(process, member);
        workers.forEach(worker -> hosts.put(worker, member));
        return member;
    }

    public Optional<Member> find(ProcessId process) {
        return Optional.ofNullable(members.get(process));
    }

    public void remove(ProcessId process) {
        var gone = members.remove(process);
        if (gone != null) {
            hosts.keySet().removeAll(gone.workers);
        }
    }

    public Collection<Member> all() {
        return List.copyOf(members.values());
    }

    /** Returns the member that hosts a worker. */
    public Optional<Member> hostOf(WorkerId worker) {
        return Optional.ofNullable(hosts.get(worker));
    }

    /** Returns how many workers a lease taker stands for: 1, unless it is a relay. */
    int capacityOf(WorkerId worker) {
        return hostOf(worker)
                .map(host -> Math.max(1, host.capacity() / host.workers.size()))
                .orElse(1);
    }

    /** Returns how many workers compute for all who may be given leases. */
    public int capacity() {
        return members.values().stream().filter(Member::isReady).mapToInt(Member::capacity).sum();
    }

    /** Returns the most relays that lie between this process and a worker. */
    public int levels() {
        return members.values().stream()
                .filter(Member::isReady)
                .mapToInt(Member::levels)
                .max()
                .orElse(0);
    }

    /** Returns the workers that may be given leases, by number. */
    public List<WorkerId> readyWorkers() {
        return hosts.entrySet().stream()
                .filter(entry -> entry.getValue().isReady())
                .map(Map.Entry::getKey)
                .toList();
    }
}
