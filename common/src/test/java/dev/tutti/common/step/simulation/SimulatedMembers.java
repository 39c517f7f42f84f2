package dev.tutti.common.step.simulation;

import dev.tutti.common.average.Payload;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.vector.Elements;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The streams of one side that has members: the simulated coordinator, or a simulated relay. */
public final class SimulatedMembers {
    /** After so long a transport finds that the host at its other end is gone. */
    private static final long KEEP_ALIVE = 20 * SimulatedClock.SECOND;

    /** Whose members they are. */
    interface Hub {
        /** Tells whether there is anybody to join. */
        boolean isUp();

        /** Tells whether it is stopped, so that it names nobody. */
        boolean isStopped();

        /** Lets something happen: now, or when it goes on if it is stopped. */
        void whenRunning(Runnable action);

        /** Takes what happened to a member, and does what its machine says. */
        void on(MembersEvent event);

        PublishedWeights published(long version);

        /** Returns all that it has decided. */
        List<? extends Decision> history();

        /** Returns a number that changes when it is stopped, goes on, dies or starts anew. */
        int turns();

        /** Tells whether a fault has struck it, so that its members may seem silent to it. */
        boolean isTouched();

        /** A fault has struck a member, so that it may itself fail to answer. */
        void memberTouched();
    }

    public final SimulatedLoans loans = new SimulatedLoans();
    private final SimulatedCluster cluster;
    private final Hub hub;
    private final Map<ProcessId, SimulatedLink> links = new LinkedHashMap<>();

    SimulatedMembers(SimulatedCluster cluster, Hub hub) {
        this.cluster = cluster;
        this.hub = hub;
    }

    Hub hub() {
        return hub;
    }

    // ---- what a process asks

    @Nullable SimulatedLink open(SimulatedProcess process) {
        return hub.isUp() ? cluster.link(this, process) : null;
    }

    void join(SimulatedLink link) {
        hub.whenRunning(() -> {
            if (!hub.isUp() || !link.openAtProcess) {
                end(link, overOrLost());
                return;
            }
            links.put(link.id, link);
            hub.on(
                    new MembersEvent.Joined(
                            link.id, new ToCoordinator.Join(Protocol.VERSION, link.process.info)));
        });
    }

    void send(SimulatedLink link, Supplier<ToCoordinator> message) {
        if (!link.openAtProcess) {
            return;
        }
        link.toAbove(() ->
                hub.whenRunning(() -> {
                    if (links.get(link.id) == link) {
                        hub.on(new MembersEvent.Received(link.id, message.get()));
                    } else {
                        release(message.get());
                    }
                }));
    }

    /** Tells that a stream is gone. */
    void left(SimulatedLink link, String reason) {
        link.toAbove(() ->
                hub.whenRunning(() -> {
                    if (links.remove(link.id) != null) {
                        hub.on(new MembersEvent.Left(link.id, reason));
                    }
                }));
    }

    void beat(SimulatedLink link) {
        link.toAbove(() ->
                hub.whenRunning(() -> {
                    if (!hub.isUp()) {
                        return;
                    }
                    if (links.get(link.id) == link) {
                        link.decisionsAtBeat = hub.history().size();
                        hub.on(new MembersEvent.Beat(link.id));
                    } else {
                        link.toProcess(() -> link.process.ended(link, SimulatedLink.End.LOST));
                    }
                }));
    }

    Payload lend(Elements elements) {
        return loans.lend(SimulatedLoans.copy(elements));
    }

    /**
     * From now on a process is silent: unless it goes on, it must be named within three seconds.
     */
    void expectName(SimulatedProcess process) {
        var member = process.member();
        var turns = hub.turns();
        var stops = process.stops();
        var link = member == null ? null : links.get(member);
        if (link == null || !hub.isUp() || hub.isStopped() || link.isHeld()) {
            return;
        }
        // A silence that had begun before may have been spoken of already.
        var known = link.decisionsAtBeat;
        cluster.clock.after(
                3 * SimulatedClock.SECOND,
                () -> {
                    var silent =
                            process.isStopped()
                                    && process.stops() == stops + 1
                                    && links.get(link.id) == link;
                    if (silent && !cluster.isOver() && hub.turns() == turns) {
                        MemberChecks.namedSince(
                                process, hub.history().subList(known, hub.history().size()));
                    }
                });
    }

    // ---- what the hub decides

    void perform(Decision.OfMembers decision) {
        switch (decision) {
            case Decision.Send(var id, var message) -> send(id, message);
            case Decision.Publish(var id, var version) -> publish(id, version);
            case Decision.Drop(var id, _, _) -> end(id, SimulatedLink.End.LOST);
            case Decision.Depart(var id, _, _) -> end(id, SimulatedLink.End.LOST);
            case Decision.Refuse(var id, var why) -> end(id, refusedAs(why.kind()));
            case Decision.Admitted _, Decision.Rejected _, Decision.Note _, Decision.Warning _ -> {}
        }
    }

    private static SimulatedLink.End refusedAs(Rejection.Kind why) {
        return why == Rejection.Kind.QUARANTINED
                ? SimulatedLink.End.QUARANTINED
                : why == Rejection.Kind.EXPELLED
                        ? SimulatedLink.End.EXPELLED
                        : SimulatedLink.End.REFUSED;
    }

    void send(ProcessId id, ToWorker message) {
        var link = links.get(id);
        if (link != null) {
            link.toProcess(() -> link.process.received(link, message));
        }
    }

    private void publish(ProcessId id, long version) {
        var link = links.get(id);
        if (link == null) {
            return;
        }
        link.published = version;
        link.nextChunk = 0;
        if (link.process.inPlace) {
            var weights = hub.published(version);
            // What was wanted when it was decided may be over by now.
            if (weights.version() == version) {
                send(id, new ToWorker.Weights(version, 0, Payload.of(weights.elements())));
            }
        } else {
            drain(link);
        }
    }

    /** Sends on what has come of the weights. */
    void drainAll() {
        links.values().forEach(this::drain);
    }

    private void drain(SimulatedLink link) {
        var weights = hub.published(link.published);
        var change = weights.changeFor(link.published, link.sent);
        if (change.isPresent() && link.nextChunk == 0) {
            ToWorker.Change.parts(link.published, change.get())
                    .forEach(part -> link.toProcess(() -> link.process.received(link, part)));
            link.nextChunk = weights.chunks().count();
            link.sent = link.published;
            cluster.changeSent();
        }
        while (link.nextChunk < weights.chunksOf(link.published)) {
            sendChunk(link, weights, link.nextChunk++);
            if (link.nextChunk == weights.chunks().count()) {
                link.sent = link.published;
            }
        }
    }

    /**
     * A shell may send a chunk before its step is done, to a process with the weights before it.
     */
    void publishAhead(PublishedWeights from, int chunk, long version) {
        for (var link : links.values()) {
            if (link.published == version - 1 && !link.process.inPlace && cluster.tossCoin()) {
                sendChunk(link, from, chunk);
            }
        }
    }

    private static void sendChunk(SimulatedLink link, PublishedWeights from, int chunk) {
        var offset = from.chunks().offset(chunk);
        var chunkValues = from.elements().slice(offset, from.chunks().size(chunk));
        var copy = SimulatedLoans.copy(chunkValues);
        link.toProcess(() ->
                link.process.received(
                        link,
                        new ToWorker.Weights(from.version(), offset, SimulatedLoans.free(copy))));
    }

    // ---- how streams end

    /** Ends all streams, and everybody notices. */
    void endAll(SimulatedLink.End how) {
        var ended = List.copyOf(links.values());
        links.clear();
        ended.forEach(link -> end(link, how));
    }

    /** All streams are gone, and nobody is told. */
    void vanish() {
        for (var link : links.values()) {
            cluster.clock.after(KEEP_ALIVE, () -> link.process.ended(link, SimulatedLink.End.LOST));
        }
        links.clear();
    }

    private void end(ProcessId id, SimulatedLink.End how) {
        var link = links.remove(id);
        if (link != null) {
            end(link, how);
        }
    }

    private static void end(SimulatedLink link, SimulatedLink.End how) {
        link.toProcess(() -> link.process.ended(link, how));
    }

    private SimulatedLink.End overOrLost() {
        return cluster.isOver() ? SimulatedLink.End.OVER : SimulatedLink.End.LOST;
    }

    /** Lets go of what a message that nobody takes holds. */
    static void release(ToCoordinator message) {
        if (message instanceof ToCoordinator.Contribution contribution) {
            contribution.values().release();
        }
    }

    /** Returns what is said by a process that must be a member. */
    static MembersEvent said(SimulatedProcess process, ToCoordinator message) {
        return new MembersEvent.Received(Objects.requireNonNull(process.member()), message);
    }
}
