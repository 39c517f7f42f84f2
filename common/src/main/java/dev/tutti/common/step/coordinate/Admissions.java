package dev.tutti.common.step.coordinate;

import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Member;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.lease.StateHolders;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.Outbox;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules by which processes become members of a coordinator or of a relay, count as lost, and
 * leave in order.
 */
public final class Admissions {
    /** A member that is to count as lost. */
    public record Loss(Member member, String reason) {}

    private final RunSpec spec;
    private final MemberLimits limits;
    private final Membership membership;
    private final Leasing leasing;
    private final StateHolders states;
    private final Outbox out;

    public Admissions(
            RunSpec spec,
            MemberLimits limits,
            Membership membership,
            Leasing leasing,
            StateHolders states,
            Outbox out) {
        this.spec = spec;
        this.limits = limits;
        this.membership = membership;
        this.leasing = leasing;
        this.states = states;
        this.out = out;
    }

    /** Takes a process in and welcomes it, or refuses it. */
    public void admit(ProcessId process, ToCoordinator.Join join, long now) {
        var refusal = membership.refusal(join, now);
        if (refusal.isPresent()) {
            out.add(new Decision.Refuse(process, refusal.get()));
            return;
        }
        membership
                .kernelDifference(join.info())
                .ifPresent(line ->
                        out.warn(
                                line
                                        + "; the weights will depend on who works: start all with one --kernel that every machine has, or refuse such workers with --strict-kernels"));
        var member = membership.join(process, join.info(), now);
        out.add(new Decision.Admitted(process, join.info(), member.workers));
        out.send(process, new ToWorker.Welcome(process, member.workers, spec, limits));
    }

    // ---- losses

    /**
     * Returns the members that count as lost since nothing was heard of them; warns of those that
     * may be soon.
     */
    public List<Loss> silent(long now) {
        var silent = new ArrayList<Loss>();
        for (var member : membership.all()) {
            if (member.isSilent(now)) {
                silent.add(new Loss(member, member.explainSilence(now)));
            } else if (member.startsToWorry(limits.silence().min().toNanos(), now)) {
                out.warn("silent: %s: %s".formatted(member.describe(), member.explainSilence(now)));
            }
        }
        return silent;
    }

    /** Returns a member that sends heartbeats, but nothing of its leases for as long as allowed. */
    public Optional<Loss> mute(long now) {
        return leasing.mute(now)
                .map(member ->
                        new Loss(
                                member,
                                "nothing of its leases for %d s, though it is alive: allow more with --lease if a shard takes longer"
                                        .formatted(limits.lease().max().toSeconds())));
    }

    /** Returns the members that have brought so many bad results that they must go for a while. */
    public List<Loss> struck(List<OpenWork.Strike> strikes, long now) {
        var struck = new ArrayList<Loss>();
        for (var strike : strikes) {
            membership
                    .hostOf(strike.worker())
                    .ifPresent(member ->
                            membership
                                    .strike(member, strike.reason(), now)
                                    .ifPresent(why -> struck.add(new Loss(member, why))));
        }
        return struck;
    }

    /** Counts a member as lost; nobody has its leases for now. */
    public void lose(Member member, String reason, long now) {
        membership.lost(member, reason, now);
        out.add(
                new Decision.Drop(
                        member.process,
                        member.workers,
                        "lost: " + member.describe() + ": " + reason));
        leasing.takeBackFrom(member, now);
    }

    /** Notes for how many workers a member stands; one that stands for none gives its leases up. */
    public void ready(Member member, ToCoordinator.Ready ready, long now) {
        if (ready.levels() > 0) {
            out.note(
                    "%s is a relay for %d worker%s"
                            .formatted(
                                    member.describe(),
                                    ready.workers(),
                                    ready.workers() == 1 ? "" : "s"));
        }
        member.becomeReady(ready);
        if (ready.workers() == 0) {
            leasing.withdrawFrom(member, now);
        }
    }

    /**
     * Lets a relay go in a run that is audited, or whose virtual workers keep something of their
     * gradients.
     */
    void refuseRelay(Member member, boolean audited, long now) {
        var why =
                audited
                        ? "an audit behind a relay would name the relay, not the worker that is wrong: let the workers join the coordinator, or leave --audit out"
                        : "a relay cannot keep what the compressor %s leaves with a worker: let the workers join the coordinator"
                                .formatted(spec.compress());
        refuse(member, new Rejection(Rejection.Kind.PROTOCOL, why), now);
    }

    /** Lets a member go for good. */
    void expel(Member member, String reason, long now) {
        refuse(member, new Rejection(Rejection.Kind.EXPELLED, reason), now);
    }

    private void refuse(Member member, Rejection why, long now) {
        membership.remove(member.process);
        leasing.takeBackFrom(member, now);
        out.add(new Decision.Refuse(member.process, why));
    }

    /** Gives a member nothing more: it wants to leave. */
    public void leaving(Member member, String reason) {
        out.note("leaving: %s: %s".formatted(member.describe(), reason));
        member.beginToLeave();
        states.collect(Optional.of(member.process), out);
    }

    /**
     * Lets a member go that wants to, once it has answered all its leases, and has sent what only
     * it had of virtual workers' states.
     */
    public void farewell(Member member, long now) {
        if (!member.isLeaving()
                || !leasing.owesNothing(member)
                || states.isNeeded(member.process)) {
            return;
        }
        states.forget(member.process);
        membership.remove(member.process);
        leasing.takeBackFrom(member, now);
        out.send(member.process, new ToWorker.Goodbye(false, "left in order"));
        out.add(
                new Decision.Depart(
                        member.process, member.workers, "left in order: " + member.describe()));
    }
}
