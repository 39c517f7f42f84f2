package dev.tutti.common.step.relay;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.step.compute.ChunkRounding;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.coordinate.GradientDecoder;
import dev.tutti.common.step.coordinate.MemberSide;
import dev.tutti.common.step.coordinate.OpenWork;
import dev.tutti.common.step.coordinate.ResultCheck;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.lease.AwakeClock;
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
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.worker.ReceivedWeights;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * The brain of a relay, for one membership above: to the coordinator it is a worker that computes
 * as fast as all its members together, to its members it is a coordinator. It takes no step and
 * knows no optimizer.
 *
 * <p>A lease on a node of the shard tree is given on as leases on nodes below it; what comes back
 * is added up along the same tree, and each chunk goes up as soon as it is whole. So the
 * coordinator gets one contribution where it got one from each member, of the same bits (law 2).
 * Where an averaging rule needs each shard by itself the leases are on single shards: nothing is
 * added up, and a relay needs not know the rule.
 *
 * <p>A relay stands or falls with its membership: if that ends, so do those of its members, and all
 * join anew. An instance serves one thread.
 */
public final class RelayMachine implements MemberSide.Owner {
    /** What a lease is for: a relay holds one lease for each. */
    private record Place(Work work, ShardRange shards) {
        static Place of(Lease lease) {
            return new Place(lease.work(), lease.shards());
        }
    }

    private final Arena arena;
    private final ToWorker.Welcome welcome;
    private final ResultCheck check;
    private final ChunkRounding rounding;
    private final GradientDecoder decoder;
    private final LongFunction<String> names;
    private final MemberLimits limits;
    private final Chunks chunks;
    private final ShardTree tree;
    private final MemberSide members;
    private final Membership membership;
    private final Leasing leasing;
    private final ReceivedWeights weights;
    private final VectorPool vectors;
    private final Map<Place, RelayedLease> relayed = new LinkedHashMap<>();
    private final Deque<RelayedLease> idle = new ArrayDeque<>();

    /** Takes what comes for leases that are over. */
    private final RelayedLease nobodys;

    private final Outbox out = this::decided;
    private final AwakeClock clock = new AwakeClock();
    private ToCoordinator.Ready told = new ToCoordinator.Ready(0, 1);
    private List<RelayDecision> decisions = new ArrayList<>();

    /**
     * Makes the brain of a relay that was just welcomed.
     *
     * @param arena for the copy of the weights and the chunks in flight; all threads may use it
     * @param welcome the answer to its join
     * @param plan which samples make up a shard
     * @param length floats of the model's vector
     * @param names tells which parameter an index of the flat vector belongs to
     */
    public RelayMachine(
            Arena arena,
            ToWorker.Welcome welcome,
            SamplePlan plan,
            long length,
            LongFunction<String> names) {
        this.arena = arena;
        this.welcome = welcome;
        this.names = names;
        this.limits = welcome.limits();
        this.chunks = new Chunks(length, welcome.spec().chunkFloats());
        this.tree = new ShardTree(welcome.spec().shards());
        var model = welcome.spec().buildModel();
        var rounds = model.rounds();
        this.members =
                new MemberSide(
                        "relay",
                        welcome.spec(),
                        plan,
                        limits,
                        rounds,
                        new StateHolders(0, false, 0, 0),
                        _ -> true,
                        Auditing.NONE,
                        out,
                        this);
        this.membership = members.membership();
        this.leasing = members.leasing();
        this.check = new ResultCheck(plan, chunks, rounds, welcome.spec().wire());
        this.weights = new ReceivedWeights(arena, chunks, welcome.spec(), model);
        this.rounding = ChunkRounding.of(welcome.spec(), model);
        this.decoder = new GradientDecoder(arena, welcome.spec(), model, true);
        this.vectors = new VectorPool(arena, Math.min(chunks.chunkFloats(), length));
        this.nobodys = room();
    }

    /** Takes an event at a time and returns what to do about it, in order. */
    public List<RelayDecision> on(RelayEvent event, long nowNanos) {
        decisions = new ArrayList<>();
        var now = clock.at(nowNanos);
        if (!members.isOver()) {
            switch (event) {
                case RelayEvent.FromAbove(var message) -> above(message, now);
                case RelayEvent.FromBelow(var below) -> members.on(below, now);
            }
            announce();
        } else {
            releaseLate(event);
        }
        return decisions;
    }

    /**
     * Returns a version of the weights as far as it has come. The one before is served until the
     * next is whole: a member that has just joined may need it for what is left of its step.
     */
    public PublishedWeights published(long version) {
        return weights.published(version);
    }

    /** Gives back all memory that others wait for; nothing may follow. */
    public void close() {
        members.halt();
        relayed.values().forEach(RelayedLease::drop);
        relayed.clear();
    }

    // ---- the coordinator's side

    private void above(ToWorker message, long now) {
        switch (message) {
            case ToWorker.Welcome _ -> leave(false, "the coordinator welcomed this relay twice");
            case ToWorker.Weights stretch -> takeWeights(stretch);
            case ToWorker.Change part -> takeChange(part);
            case ToWorker.Statistics statistics -> take(statistics, now);
            case ToWorker.State _, ToWorker.StateWanted _ ->
                    leave(false, "the coordinator sent the state of a virtual worker to a relay");
            case ToWorker.Grant(var leases) -> {
                leases.forEach(lease -> granted(lease, now));
                leasing.grantOrphans(Set.of(), now);
            }
            case ToWorker.Revoke(var leases) ->
                    leases.forEach(lease -> find(lease).ifPresent(found -> giveBack(found, now)));
            case ToWorker.Credit(var lease, var allowed) ->
                    find(lease)
                            .ifPresent(found -> {
                                found.allow(allowed, now);
                                sendOn(found, now);
                            });
            case ToWorker.Goodbye(var complete, var reason) -> leave(complete, reason);
        }
    }

    private void take(ToWorker.Statistics statistics, long now) {
        var refusal = leasing.known().refusal(statistics.work(), statistics.values());
        if (refusal.isPresent()) {
            leave(false, "the coordinator sent " + refusal.get());
            return;
        }
        // What is known of an earlier step is forgotten, so no lease of it can be given on.
        endAll(lease -> lease.work().step() != statistics.work().step(), now);
        leasing.known().take(statistics.work(), statistics.values());
    }

    private void takeWeights(ToWorker.Weights stretch) {
        if (!weights.fits(stretch)) {
            stretch.values().release();
            leave(
                    false,
                    "the coordinator sent weights at %d that are no chunk of %d"
                            .formatted(stretch.offset(), chunks.length()));
            return;
        }
        var before = weights.incoming();
        weights.take(stretch);
        decisions.add(new RelayDecision.WeightsArrived());
        if (weights.incoming() != before) {
            membership.all().forEach(this::publish);
        }
    }

    /** A member that has the version before gets the same code, and any other the weights. */
    private void takeChange(ToWorker.Change part) {
        var before = weights.incoming();
        var refusal = weights.take(part);
        if (refusal.isPresent()) {
            leave(false, "the coordinator " + refusal.get());
        } else if (weights.incoming() != before) {
            decisions.add(new RelayDecision.WeightsArrived());
            membership.all().forEach(this::publish);
        }
    }

    /** Lets the weights flow to a member before it has a lease: it will most likely get one. */
    private void publish(Member member) {
        if (member.isReady() && member.needsWeights(weights.incoming())) {
            out.add(new Decision.Publish(member.process, weights.incoming()));
        }
    }

    private void granted(Lease lease, long now) {
        if (!welcome.workers().contains(lease.worker()) || !tree.isNode(lease.shards())) {
            leave(false, "the coordinator sent an invalid lease (protocol error): " + lease);
            return;
        }
        if (!leasing.known().suffice(lease.work())) {
            leave(false, leasing.known().tooFewFor(lease.work()));
            return;
        }
        if (!leasing.isOpen(lease.work())) {
            // A relay has leases of one version at a time: those of an earlier one are over.
            endAll(earlier -> !earlier.work().isBeside(lease.work()), now);
            List.copyOf(leasing.works()).stream()
                    .filter(earlier -> !earlier.isBeside(lease.work()))
                    .forEach(earlier -> leasing.close(earlier, now));
            leasing.open(
                    lease.work(), lease.work() instanceof Work.Train ? chunks.count() : 0, now);
        }
        var next = idle.isEmpty() ? room() : idle.remove();
        next.begin(lease, limits.creditChunks());
        relayed.put(Place.of(lease), next);
        leasing.add(lease.work(), lease.shards());
    }

    private RelayedLease room() {
        return new RelayedLease(
                arena,
                tree,
                check,
                rounding,
                decoder,
                leasing,
                membership,
                limits.creditChunks(),
                names,
                vectors,
                out);
    }

    private Optional<RelayedLease> find(Lease lease) {
        return Optional.ofNullable(relayed.get(Place.of(lease)))
                .filter(found -> found.lease().equals(lease));
    }

    /** Returns the leases that are of an earlier work. */
    private void endAll(Predicate<Lease> earlier, long now) {
        relayed.values().stream()
                .filter(whole -> earlier.test(whole.lease()))
                .toList()
                .forEach(whole -> giveBack(whole, now));
    }

    /** Returns a lease that is not wanted any more. */
    private void giveBack(RelayedLease revoked, long now) {
        send(new ToCoordinator.Returned(revoked.lease()));
        end(revoked, now);
    }

    /** Ends a lease that is answered. */
    private void end(RelayedLease ended, long now) {
        leasing.remove(ended.lease().work(), ended.lease().shards(), now);
        relayed.remove(Place.of(ended.lease()));
        ended.drop();
        idle.add(ended);
    }

    private void leave(boolean complete, String reason) {
        members.end(new ToWorker.Goodbye(complete, reason));
        decisions.add(new RelayDecision.Leave(complete, reason));
        close();
    }

    // ---- what the members' side asks for

    @Override
    public OpenWork openFor(Lease part) {
        return relayed.values().stream()
                .filter(whole -> whole.lease().work().equals(part.work()))
                .filter(whole -> whole.lease().shards().contains(part.shards()))
                .findFirst()
                .orElse(nobodys)
                .work();
    }

    @Override
    public void gone(Member member, long now) {}

    @Override
    public void stateCame(Member member, StatePart part, long now) {
        out.reject(
                member.process,
                Rejection.Kind.PROTOCOL,
                "a relay asks for no state of a virtual worker");
    }

    @Override
    public void grant(Set<WorkerId> shunned, long now) {
        leasing.grantOrphans(shunned, now);
    }

    /** Workers that are there now take over what others have left or are late with. */
    @Override
    public void membersChanged(long now) {
        leasing.grantOrphans(Set.of(), now);
        leasing.relieveStragglers(now);
    }

    @Override
    public void timePassed(long now) {
        leasing.relieveStragglers(now);
    }

    @Override
    public void settle(OpenWork work, OpenWork.Outcome outcome, long now) {
        relayed.values().stream()
                .filter(whole -> whole.work() == work)
                .findFirst()
                .ifPresent(whole -> settle(whole, outcome, now));
    }

    private void settle(RelayedLease at, OpenWork.Outcome outcome, long now) {
        switch (outcome) {
            case OpenWork.Outcome.Waiting() -> sendOn(at, now);
            case OpenWork.Outcome.Complete() -> {
                if (at.lease().work() instanceof Work.Train) {
                    sendOn(at, now);
                } else {
                    send(at.evaluated());
                    end(at, now);
                }
            }
            case OpenWork.Outcome.Coded(var last, var code) -> {
                ToCoordinator.Coded.parts(at.lease(), last.totals(), last.computeNanos(), code)
                        .forEach(this::send);
                end(at, now);
            }
            case OpenWork.Outcome.Hopeless(var kind, var reason) -> {
                send(
                        new ToCoordinator.Failed(
                                at.lease(), kind == Decision.Failure.DIVERGED, reason));
                end(at, now);
            }
        }
    }

    private void sendOn(RelayedLease from, long now) {
        from.contributions().forEach(this::send);
        if (from.isSent()) {
            end(from, now);
        }
    }

    /** Tells the coordinator for how many workers this relay stands, if that has changed. */
    private void announce() {
        var ready = new ToCoordinator.Ready(membership.capacity(), 1 + membership.levels());
        if (!members.isOver() && ready.workers() + told.workers() > 0 && !ready.equals(told)) {
            send(ready);
            told = ready;
        }
    }

    private static void releaseLate(RelayEvent event) {
        switch (event) {
            case RelayEvent.FromAbove(ToWorker.Weights(_, _, var values)) -> values.release();
            case RelayEvent.FromBelow(MembersEvent.Received(_, var message)) ->
                    MemberSide.release(message);
            case RelayEvent.FromAbove _, RelayEvent.FromBelow _ -> {}
        }
    }

    private void send(ToCoordinator message) {
        decisions.add(new RelayDecision.Above(message));
    }

    /** Puts a decision about a member among those of the relay, in its place. */
    private void decided(Decision decision) {
        if (decision instanceof Decision.OfMembers ofMembers) {
            decisions.add(new RelayDecision.Below(ofMembers));
        }
    }
}
