package dev.tutti.common.step.worker;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.Totals;
import dev.tutti.common.step.compute.ChunkRounding;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.lease.KnownRounds;
import dev.tutti.common.step.message.StatePart;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The brain of a worker process, for one membership: events go in, decisions come out. It keeps the
 * weights, the leases of its workers, and the contributions that are not wholly sent.
 *
 * <p>A lease is computed as soon as its worker is idle and the weights that it needs are whole.
 * Everything of an earlier work than the current one is dropped; tasks of a schedule go on beside
 * those of later versions. Every lease is answered once: by its result, by a failure, or by being
 * returned. An instance serves one thread.
 */
public final class WorkerMachine {
    private final Chunks chunks;
    private final int creditChunks;
    private final Predicate<Payload> inPlace;
    private final ChunkRounding rounding;
    private final ReceivedWeights weights;
    private final Map<WorkerId, Deque<Lease>> waiting = new TreeMap<>();
    private final Map<WorkerId, Lease> busy = new HashMap<>();
    private final Map<Lease, OutgoingContribution> outgoing = new LinkedHashMap<>();
    private final Set<Lease> revoked = new HashSet<>();

    /** Credit that came before the result: others may have brought most of the chunks already. */
    private final Map<Lease, Integer> credits = new HashMap<>();

    private final ToWorker.Welcome welcome;
    private final boolean hasVersions;
    private final KnownRounds known;
    private final Optional<VectorCode> code;
    private final KeptStates states;
    private Work latest = new Work.Train(0);
    private boolean leaving;
    private List<WorkerDecision> decisions = new ArrayList<>();

    /**
     * Makes the brain of a process that was just welcomed.
     *
     * @param arena for the copy of the weights
     * @param welcome the coordinator's answer to the join
     * @param length floats of the model's vector
     * @param inPlace tells of a gradient whether it can be handed over whole, without a wire in
     *     between
     */
    public WorkerMachine(
            Arena arena, ToWorker.Welcome welcome, long length, Predicate<Payload> inPlace) {
        this.welcome = welcome;
        this.chunks = new Chunks(length, welcome.spec().chunkFloats());
        this.hasVersions = !welcome.spec().syncMode().isWhole();
        this.creditChunks = welcome.limits().creditChunks();
        this.inPlace = inPlace;
        var model = welcome.spec().buildModel();
        this.rounding = ChunkRounding.of(welcome.spec(), model);
        this.weights = new ReceivedWeights(arena, chunks, welcome.spec(), model);
        this.known = new KnownRounds(model.rounds());
        this.code = VectorCode.ofGradients(welcome.spec(), model);
        this.states = new KeptStates(code);
        welcome.workers().forEach(worker -> waiting.put(worker, new ArrayDeque<>()));
    }

    /** Returns what to do at first. */
    public List<WorkerDecision> start() {
        return List.of(new WorkerDecision.LoadData(welcome));
    }

    /** Takes an event and returns what to do about it, in order. */
    public List<WorkerDecision> on(WorkerEvent event) {
        decisions = new ArrayList<>();
        switch (event) {
            case WorkerEvent.Received(var message) -> received(message);
            case WorkerEvent.DataLoaded() ->
                    send(new ToCoordinator.Ready(welcome.workers().size(), 0));
            case WorkerEvent.Progressed progressed -> progressed(progressed);
            case WorkerEvent.Computed computed -> computed(computed);
            case WorkerEvent.EvaluationComputed(var lease, var totals, var statistics, var nanos) ->
                    send(
                            isWanted(lease)
                                    ? new ToCoordinator.Evaluated(lease, totals, statistics, nanos)
                                    : new ToCoordinator.Returned(lease));
            case WorkerEvent.ComputationFailed(var lease, var reason) -> {
                forget(lease);
                send(
                        isWanted(lease)
                                ? new ToCoordinator.Failed(lease, false, reason)
                                : new ToCoordinator.Returned(lease));
            }
            case WorkerEvent.LeaveWanted(var reason) -> wantToLeave(reason);
        }
        dispatch();
        return decisions;
    }

    private void received(ToWorker message) {
        switch (message) {
            case ToWorker.Welcome _ -> leave("the coordinator welcomed this process twice");
            case ToWorker.Weights stretch -> takeWeights(stretch);
            case ToWorker.Change part ->
                    weights.take(part).ifPresent(why -> leave("the coordinator " + why));
            case ToWorker.Statistics(var work, var values) ->
                    known.refusal(work, values)
                            .ifPresentOrElse(
                                    why -> leave("the coordinator sent " + why),
                                    () -> known.take(work, values));
            case ToWorker.State(var part) -> takeState(part);
            case ToWorker.StateWanted(var shard, var batch) ->
                    states.bytesAfter(shard, batch)
                            .ifPresent(bytes ->
                                    StatePart.parts(shard, batch, bytes)
                                            .forEach(part -> send(new ToCoordinator.State(part))));
            case ToWorker.Grant(var leases) -> leases.forEach(this::granted);
            case ToWorker.Revoke(var leases) -> leases.forEach(this::revoke);
            case ToWorker.Credit(var lease, var allowed) -> {
                var contribution = outgoing.get(lease);
                if (contribution != null) {
                    contribution.allow(allowed);
                    send(contribution);
                } else if (isHere(lease)) {
                    credits.put(lease, allowed);
                }
            }
            case ToWorker.Goodbye(var complete, var reason) ->
                    decisions.add(new WorkerDecision.Leave(complete, reason));
        }
    }

    private void takeWeights(ToWorker.Weights stretch) {
        if (weights.fits(stretch)) {
            weights.take(stretch, version -> hasVersions && isNeeded(version));
            return;
        }
        leave(
                "the coordinator sent %d weights at %d, which is no chunk of %d"
                        .formatted(
                                stretch.values().elements().count(),
                                stretch.offset(),
                                chunks.length()));
        stretch.values().release();
    }

    private void takeState(StatePart part) {
        states.take(part).ifPresent(why -> leave("the coordinator " + why));
    }

    /** Tells whether a worker computes with the weights of a version, or is about to. */
    private boolean isNeeded(long version) {
        return Stream.concat(
                        busy.values().stream().filter(lease -> !revoked.contains(lease)),
                        waiting.values().stream().flatMap(Deque::stream))
                .anyMatch(lease -> lease.work().step() == version);
    }

    /** Tells whether a work is the one at hand, or goes on beside it. */
    private boolean isCurrent(Work work) {
        return work.isBeside(latest)
                || (hasVersions && work instanceof Work.Train && latest instanceof Work.Train);
    }

    private void granted(Lease lease) {
        if (!isCurrent(lease.work())) {
            latest = lease.work();
            dropEarlier();
        }
        if (leaving) {
            send(new ToCoordinator.Returned(lease));
            return;
        }
        var queue = waiting.get(lease.worker());
        if (queue == null) {
            leave(
                    "the coordinator gave a lease to %s, which is not here"
                            .formatted(lease.worker()));
            return;
        }
        if (!known.suffice(lease.work())) {
            leave(known.tooFewFor(lease.work()));
            return;
        }
        queue.add(lease);
    }

    /** Returns what belongs to an earlier work: nobody waits for it any more. */
    private void dropEarlier() {
        credits.clear();
        returnQueued(lease -> !isCurrent(lease.work()));
        List.copyOf(outgoing.values()).stream()
                .filter(contribution -> !isCurrent(contribution.lease.work()))
                .filter(contribution -> !contribution.isBeingComputed())
                .forEach(this::drop);
    }

    private void returnQueued(Predicate<Lease> which) {
        for (var queue : waiting.values()) {
            queue.stream().filter(which).map(ToCoordinator.Returned::new).forEach(this::send);
            queue.removeIf(which);
        }
    }

    private void drop(OutgoingContribution contribution) {
        forget(contribution.lease);
        send(new ToCoordinator.Returned(contribution.lease));
    }

    /** Drops what has not been sent of a lease; tells whether any of it was to be. */
    private boolean forget(Lease lease) {
        var contribution = outgoing.remove(lease);
        if (contribution != null) {
            contribution.drop();
        }
        return contribution != null;
    }

    /** A lease that was answered before its revocation came needs no other answer. */
    private void revoke(Lease lease) {
        returnQueued(lease::equals);
        var contribution = outgoing.get(lease);
        if (contribution != null && !contribution.isBeingComputed()) {
            drop(contribution);
        } else if (lease.equals(busy.get(lease.worker()))) {
            revoked.add(lease);
        }
    }

    /** Finishes what is being computed or sent, and returns the rest. */
    private void wantToLeave(String reason) {
        leaving = true;
        send(new ToCoordinator.Leaving(reason));
        returnQueued(_ -> true);
    }

    /** Tells of a lease that has just been computed whether its result is to be sent. */
    private boolean isWanted(Lease lease) {
        busy.remove(lease.worker());
        return !revoked.remove(lease) && isCurrent(lease.work());
    }

    /** Tells whether a lease is queued or being computed. */
    private boolean isHere(Lease lease) {
        var queue = waiting.get(lease.worker());
        return lease.equals(busy.get(lease.worker())) || (queue != null && queue.contains(lease));
    }

    private void progressed(WorkerEvent.Progressed progressed) {
        var lease = progressed.lease();
        if (inPlace.test(progressed.gradient())
                || revoked.contains(lease)
                || !isCurrent(lease.work())) {
            return;
        }
        var contribution = outgoing(lease, progressed.totals(), progressed.gradient());
        contribution.known(progressed.from());
        send(contribution);
    }

    private void computed(WorkerEvent.Computed computed) {
        var lease = computed.lease();
        if (!isWanted(lease)) {
            if (!forget(lease)) {
                computed.gradient().release();
            }
            send(new ToCoordinator.Returned(lease));
            return;
        }
        computed.encoded().ifPresent(encoded -> states.put(lease, encoded.after()));
        if (inPlace.test(computed.gradient())) {
            send(contribution(computed, computed.gradient()));
            return;
        }
        if (computed.encoded().isPresent()) {
            var bytes = computed.encoded().get().code();
            ToCoordinator.Coded.parts(lease, computed.totals(), computed.nanos(), bytes)
                    .forEach(this::send);
            computed.gradient().release();
            return;
        }
        var contribution = outgoing(lease, computed.totals(), computed.gradient());
        contribution.computed(computed.nanos());
        send(contribution);
    }

    private OutgoingContribution outgoing(Lease lease, Totals totals, Payload gradient) {
        return outgoing.computeIfAbsent(
                lease,
                _ -> {
                    var allowed = credits.remove(lease);
                    return new OutgoingContribution(
                            lease,
                            totals,
                            rounding,
                            gradient,
                            allowed == null ? creditChunks : allowed);
                });
    }

    private static ToCoordinator.Contribution contribution(
            WorkerEvent.Computed computed, Payload values) {
        return new ToCoordinator.Contribution(
                computed.lease(), computed.totals(), computed.nanos(), 0, values);
    }

    private void send(OutgoingContribution contribution) {
        contribution.send().forEach(this::send);
        if (contribution.isSent()) {
            outgoing.remove(contribution.lease);
        }
    }

    private void dispatch() {
        waiting.forEach((worker, queue) -> {
            if (busy.containsKey(worker) || queue.isEmpty()) {
                return;
            }
            var work = queue.peek().work();
            var found = weights.elements(work.step());
            var before = states.before(queue.peek());
            if (found.isPresent() && known.suffice(work) && before.isPresent()) {
                var lease = queue.remove();
                busy.put(worker, lease);
                decisions.add(
                        new WorkerDecision.Compute(
                                lease, found.get(), known.statisticsBefore(work, 0), before.get()));
            }
        });
    }

    private void leave(String reason) {
        decisions.add(new WorkerDecision.Leave(false, reason));
    }

    private void send(ToCoordinator message) {
        decisions.add(new WorkerDecision.Send(message));
    }
}
