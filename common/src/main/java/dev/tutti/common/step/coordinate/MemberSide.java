package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Member;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.lease.StateHolders;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.Outbox;
import dev.tutti.common.step.message.StatePart;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The members of a coordinator or of a relay, and all that happens to them: they join, answer
 * leases, fall silent, are lost and leave. The machine that owns them says which work is open and
 * what follows from a result; the rules for members are the same for both.
 */
public final class MemberSide {
    /** The machine whose members these are. */
    public interface Owner {
        /**
         * Returns the open work that a lease is part of. If it is part of none, returns one that
         * refuses its result.
         */
        OpenWork openFor(Lease lease);

        /** Takes what a result has led to. */
        void settle(OpenWork work, OpenWork.Outcome outcome, long now);

        /** Takes a part of what a virtual worker keeps. */
        void stateCame(Member member, StatePart part, long now);

        /** Gives out what nobody computes, not to these workers if there are others. */
        void grant(Set<WorkerId> shunned, long now);

        /** Notes that a member is lost, before anybody takes over what it had. */
        void gone(Member member, long now);

        /** Notes that members came, went, or gave something back. */
        void membersChanged(long now);

        /** Looks what else is due, once members that were silent are lost. */
        void timePassed(long now);
    }

    private final String place;
    private final Auditing auditing;
    private final Membership membership;
    private final Leasing leasing;
    private final Admissions admissions;
    private final Outbox out;
    private final Owner owner;
    private boolean over;

    /**
     * Makes the members' side of a machine.
     *
     * @param place what members are members of, as a refusal names it
     * @param rounds that a model asks of the whole batch before a step
     * @param states where the states of virtual workers are
     * @param addsShards whether a lease on a work to train may be on several shards, whose sum is
     *     sent
     * @param auditing which shards several processes compute
     */
    public MemberSide(
            String place,
            RunSpec spec,
            SamplePlan plan,
            MemberLimits limits,
            List<BatchRound> rounds,
            StateHolders states,
            Predicate<Work> addsShards,
            Auditing auditing,
            Outbox out,
            Owner owner) {
        this.place = place;
        this.auditing = auditing;
        this.membership = new Membership(limits);
        this.leasing =
                new Leasing(
                        new ShardTree(spec.shards()),
                        plan,
                        limits,
                        membership,
                        rounds,
                        states,
                        addsShards,
                        auditing,
                        out);
        this.admissions = new Admissions(spec, limits, membership, leasing, states, out);
        this.out = out;
        this.owner = owner;
    }

    /** Returns who is there. */
    public Membership membership() {
        return membership;
    }

    /** Returns who computes what. */
    public Leasing leasing() {
        return leasing;
    }

    /** Tells whether the members have been let go: what still comes from them changes nothing. */
    public boolean isOver() {
        return over;
    }

    /** Takes what happened to a member. */
    public void on(MembersEvent event, long now) {
        switch (event) {
            case MembersEvent.Joined(var process, var join) -> admissions.admit(process, join, now);
            case MembersEvent.Received(var process, var message) ->
                    membership
                            .find(process)
                            .filter(_ -> !over)
                            .ifPresentOrElse(
                                    member -> received(member, message, now),
                                    () -> refuse(process, message));
            case MembersEvent.Beat(var process) ->
                    membership.find(process).ifPresent(member -> member.beat(now));
            case MembersEvent.Left(var process, var reason) ->
                    membership.find(process).ifPresent(member -> lose(member, reason, now));
            case MembersEvent.TimePassed() -> timePassed(now);
        }
    }

    /** Says goodbye to all; what still comes from them changes nothing. */
    public void end(ToWorker.Goodbye goodbye) {
        over = true;
        membership.all().forEach(member -> out.send(member.process, goodbye));
    }

    /** Ends without a farewell. */
    public void halt() {
        over = true;
    }

    // ---- losses

    private void timePassed(long now) {
        admissions.silent(now).forEach(silent -> lose(silent, now));
        admissions.mute(now).ifPresent(mute -> loseMute(mute, now));
        owner.timePassed(now);
    }

    /** A lease that was never answered counts among the failures of the work that it is part of. */
    private void loseMute(Admissions.Loss mute, long now) {
        var unanswered =
                leasing.owed(mute.member()).stream().map(owner::openFor).distinct().toList();
        lose(mute, now);
        unanswered.forEach(work -> settle(work, work.unanswered(mute.reason()), now));
    }

    private void lose(Admissions.Loss loss, long now) {
        membership
                .find(loss.member().process)
                .ifPresent(member -> lose(member, loss.reason(), now));
    }

    private void lose(Member member, String reason, long now) {
        if (over) {
            membership.remove(member.process);
            return;
        }
        admissions.lose(member, reason, now);
        owner.gone(member, now);
        owner.membersChanged(now);
    }

    // ---- messages

    private void received(Member member, ToCoordinator message, long now) {
        member.heard(now);
        switch (message) {
            case ToCoordinator.Join _ ->
                    out.reject(
                            member.process,
                            Rejection.Kind.PROTOCOL,
                            member.process + " joined twice");
            case ToCoordinator.Ready ready
                    when ready.levels() > 0 && (leasing.states().areKept() || auditing.isOn()) -> {
                admissions.refuseRelay(member, auditing.isOn(), now);
                owner.membersChanged(now);
            }
            case ToCoordinator.Ready ready -> {
                admissions.ready(member, ready, now);
                owner.membersChanged(now);
            }
            case ToCoordinator.Contribution contribution -> {
                var work = owner.openFor(contribution.lease());
                settle(work, work.contributed(member, contribution, now), now);
            }
            case ToCoordinator.Coded coded -> {
                var work = owner.openFor(coded.lease());
                settle(work, work.coded(member, coded, now), now);
            }
            case ToCoordinator.State(var part) -> owner.stateCame(member, part, now);
            case ToCoordinator.Evaluated evaluated -> {
                var work = owner.openFor(evaluated.lease());
                settle(work, work.evaluated(member, evaluated, now), now);
            }
            case ToCoordinator.Failed failed -> {
                var work = owner.openFor(failed.lease());
                settle(work, work.failed(member, failed, now), now);
            }
            case ToCoordinator.Returned(var lease) -> {
                leasing.returned(member, lease, now);
                owner.membersChanged(now);
            }
            case ToCoordinator.Leaving(var reason) -> {
                admissions.leaving(member, reason);
                owner.membersChanged(now);
            }
        }
        if (!over) {
            membership.find(member.process).ifPresent(still -> admissions.farewell(still, now));
        }
    }

    private void settle(OpenWork work, OpenWork.Outcome outcome, long now) {
        var expelled = work.takeExpulsions();
        expelled.forEach(liar -> expel(liar, work.work().step() + 1, now));
        owner.settle(work, outcome, now);
        if (!expelled.isEmpty()) {
            owner.membersChanged(now);
        }
        var strikes = work.takeStrikes();
        owner.grant(strikes.stream().map(OpenWork.Strike::worker).collect(Collectors.toSet()), now);
        admissions.struck(strikes, now).forEach(struck -> lose(struck, now));
    }

    /** Lets a process go for good, and says what of its work is in the weights. */
    private void expel(OpenWork.Expulsion liar, long step, long now) {
        var line =
                "expelled: %s; %s"
                        .formatted(liar.reason(), membership.trail(liar.process()).since());
        out.add(new Decision.Audited(Decision.Audited.Kind.EXPELLED, step, line));
        membership.expel(liar.process(), line);
        for (var member : membership.of(liar.process())) {
            admissions.expel(member, line, now);
            owner.gone(member, now);
        }
    }

    /**
     * Has the audited shards of a work computed by as many processes as it takes.
     *
     * @param shunned workers that are avoided if there are others
     */
    void audit(OpenWork work, Set<WorkerId> shunned, long now) {
        if (!auditing.isOn() || over) {
            return;
        }
        var outcome = work.audit(shunned, now);
        if (!(outcome instanceof OpenWork.Outcome.Waiting)) {
            settle(work, outcome, now);
        }
    }

    private void refuse(ProcessId process, ToCoordinator message) {
        release(message);
        if (!over) {
            out.reject(
                    process,
                    Rejection.Kind.NOT_A_MEMBER,
                    "%s is not a member of the %s".formatted(process, place));
        }
    }

    /** Gives back the memory of a message that nobody will look at. */
    public static void release(ToCoordinator message) {
        if (message instanceof ToCoordinator.Contribution contribution) {
            contribution.values().release();
        }
    }
}
