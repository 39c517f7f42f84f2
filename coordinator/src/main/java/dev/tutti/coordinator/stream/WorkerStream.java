package dev.tutti.coordinator.stream;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.common.average.Payload;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.vector.Elements;
import dev.tutti.proto.Frame;
import dev.tutti.proto.Outbound;
import dev.tutti.proto.Wire;
import dev.tutti.proto.failure.Reason;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.loop.EventLoop;
import dev.tutti.proto.shared.CoordinatorLane;
import dev.tutti.proto.shared.SharedRun;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.WorkerFrame;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's outbound side: messages wait here until the transport can take them. Weights wait
 * as a position, not as bytes, so what waits stays small however slow the process is (law 7). Owned
 * by the actor that makes the decisions.
 */
public final class WorkerStream {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerStream.class);

    private sealed interface Item {}

    private record Message(ToWorker message) implements Item {}

    /** Weights from {@code nextChunk} on, as they are when they are sent. */
    private record WeightsFrom(long version, int nextChunk) implements Item {}

    /** One chunk of the weights after those that are published. */
    private record Ahead(long version, int chunk) implements Item {}

    private record End() implements Item {}

    private final ServerCallStreamObserver<Frame<CoordinatorFrame>> call;
    private final Outbound<CoordinatorFrame> out;
    private final Optional<SharedRun> shared;
    private final Deque<Item> queue = new ArrayDeque<>();

    private Wire wire;
    private @Nullable CoordinatorLane lane;
    private EventLoop.@Nullable Source source;
    private final BitSet sentAhead = new BitSet();
    private long published = PublishedWeights.NONE.version();
    private long aheadOf = PublishedWeights.NONE.version();

    /** The last version of which all has been handed to the transport. */
    private long sent = PublishedWeights.NONE.version();

    private boolean flows;
    private boolean ended;

    /**
     * Makes the outbound side of a call.
     *
     * @param inPlace whether the weights are handed over as the very memory they are in
     * @param shared the memory to offer to the process, if it is on this machine
     */
    WorkerStream(
            ServerCallStreamObserver<Frame<CoordinatorFrame>> call,
            boolean inPlace,
            Optional<SharedRun> shared) {
        this.call = call;
        this.out = new Outbound<>(call);
        this.wire = inPlace ? Wire.direct() : Wire.inline();
        this.shared = shared;
    }

    /**
     * The process has mapped what was offered: messages go through it from now on, both ways.
     *
     * @param received is told of each message that comes through it
     * @param readable is told when messages that waited can go on
     */
    public void laneMapped(Consumer<ToCoordinator> received, Runnable readable) {
        var mapped = lane;
        if (mapped == null || source != null || ended) {
            return;
        }
        mapped.hide();
        out.switchTo(mapped);
        wire = Wire.shared(mapped);
        source = () -> poll(mapped, received, readable);
        EventLoop.current().add(source, mapped.bell());
    }

    private boolean poll(
            CoordinatorLane mapped, Consumer<ToCoordinator> received, Runnable readable) {
        try {
            var message = mapped.read();
            if (message != null) {
                var header = WorkerFrame.parseFrom(message);
                received.accept(wire.fromWorker(new Frame<>(header, Frame.NO_PAYLOAD)));
                return true;
            }
        } catch (WireException | InvalidProtocolBufferException e) {
            // The process may join anew, with memory that is not damaged.
            end(() -> call.onError(Status.DATA_LOSS.withDescription(e.getMessage()).asException()));
            return true;
        }
        if (!queue.isEmpty() && out.isReady()) {
            readable.run();
            return true;
        }
        return false;
    }

    /** Queues a message. */
    public void send(ToWorker message) {
        queue.add(new Message(message));
    }

    /**
     * Queues the weights of a version; those that are gone are not worth sending any more.
     *
     * @param weights returns what there is of a version
     */
    public void publish(long version, LongFunction<PublishedWeights> weights) {
        queue.removeIf(item ->
                item instanceof Ahead
                        || (item instanceof WeightsFrom(var other, _)
                                && weights.apply(other).version() != other));
        if (version != aheadOf) {
            sentAhead.clear();
        }
        aheadOf = version;
        published = version;
        queue.add(new WeightsFrom(version, 0));
    }

    /** The process can take chunks of the next weights while it computes with those before. */
    void letFlow() {
        flows = true;
    }

    /** Queues a chunk of the next weights, if the process has, or is sent, those before. */
    boolean publishAhead(long version, int chunk) {
        if (ended || !flows || !wire.copiesPayloads() || published != version - 1) {
            return false;
        }
        if (aheadOf != version) {
            aheadOf = version;
            sentAhead.clear();
        }
        queue.add(new Ahead(version, chunk));
        return true;
    }

    /** Ends the stream after what is queued. */
    public void finish() {
        queue.add(new End());
    }

    /** Ends the stream at once; a peer that is refused only for a time may try again. */
    public void refuse(Rejection why) {
        var status =
                why.kind() == Rejection.Kind.QUARANTINED
                        ? Status.RESOURCE_EXHAUSTED
                        : Status.FAILED_PRECONDITION;
        end(() -> call.onError(status.withDescription(why.detail()).asException()));
    }

    /** Ends the stream at once: the process counts as lost, but may join anew. */
    public void drop(String reason) {
        end(() -> call.onError(Status.ABORTED.withDescription(reason).asException()));
    }

    /** Ends the stream at once, in this way. */
    public void end(Status why) {
        end(() -> call.onError(why.asException()));
    }

    /** Ends the stream at once. */
    public void close() {
        end(() ->
                call.onError(
                        Status.UNAVAILABLE
                                .withDescription("the coordinator is stopping")
                                .asException()));
    }

    /** Ends the stream at once, if the process has ended it: nobody waits for what is queued. */
    void complete() {
        end(call.isCancelled() ? () -> {} : call::onCompleted);
    }

    /** Tells whether the stream has ended, from this side. */
    public boolean isEnded() {
        return ended;
    }

    /** Lets the gRPC stream hand over one more message; a lane bounds itself. */
    public void requestNext() {
        if (!ended) {
            call.request(1);
        }
    }

    /**
     * Sends what the transport takes, weights as far as they are there.
     *
     * @param weights returns what there is of a version
     */
    public void drain(LongFunction<PublishedWeights> weights) {
        while (!ended && !queue.isEmpty() && out.isReady()) {
            switch (queue.remove()) {
                case Message(ToWorker.Welcome welcome) -> out.send(withLane(welcome));
                // It may be longer than a lane's messages.
                case Message(ToWorker.State state) ->
                        out.sendInStream(Wire.inline().toFrame(state));
                case Message(var message) -> out.send(wire.toFrame(message));
                case WeightsFrom from -> {
                    var found = weights.apply(from.version());
                    if (from.nextChunk() < found.chunksOf(from.version())) {
                        sendWeights(from, found);
                    } else if (!putOff(from)) {
                        return;
                    }
                }
                case Ahead next -> sendAhead(next, weights.apply(next.version()));
                case End() -> end(call::onCompleted);
            }
        }
    }

    /** Lets what waits behind weights that have not come yet go first; tells whether any does. */
    private boolean putOff(WeightsFrom from) {
        var others = !queue.isEmpty();
        queue.addLast(from);
        return others;
    }

    /** Adds to a welcome where the shared memory is, if there is any. */
    private Frame<CoordinatorFrame> withLane(ToWorker.Welcome welcome) {
        var frame = wire.toFrame(welcome);
        if (shared.isEmpty()) {
            return frame;
        }
        try {
            var process = welcome.process().number();
            // Each shard may be out, computed and not summed, twice: of this step and of the last.
            var vectors = 2 * welcome.spec().shards() + welcome.workers().size();
            lane = shared.get().open(process, vectors);
            var header = frame.header().toBuilder();
            header.getWelcomeBuilder().setShared(lane.offer());
            return new Frame<>(header.build(), Frame.NO_PAYLOAD);
        } catch (IOException e) {
            LOG.warn(
                    "no shared memory for {}: {}; its messages go through the stream",
                    welcome.process(),
                    Reason.of(e));
            return frame;
        }
    }

    private void sendWeights(WeightsFrom from, PublishedWeights weights) {
        if (!wire.copiesPayloads()) {
            sendWeights(from.version(), 0, weights.elements());
            return;
        }
        var change = weights.changeFor(from.version(), sent);
        if (change.isPresent()) {
            ToWorker.Change.parts(from.version(), change.get())
                    .forEach(part -> out.send(wire.toFrame(part)));
            sent = from.version();
            return;
        }
        var chunk =
                from.version() == aheadOf
                        ? sentAhead.nextClearBit(from.nextChunk())
                        : from.nextChunk();
        if (chunk < weights.chunks().count()) {
            sendChunk(chunk, weights);
        }
        if (chunk + 1 < weights.chunks().count()) {
            queue.addFirst(new WeightsFrom(from.version(), chunk + 1));
        } else {
            sent = from.version();
        }
    }

    private void sendAhead(Ahead next, PublishedWeights weights) {
        // A chunk that was not sent before its step was long over is not worth sending.
        if (next.version() == weights.version()) {
            sentAhead.set(next.chunk());
            sendChunk(next.chunk(), weights);
        }
    }

    private void sendChunk(int chunk, PublishedWeights weights) {
        var offset = weights.chunks().offset(chunk);
        var size = weights.chunks().size(chunk);
        sendWeights(weights.version(), offset, weights.elements().slice(offset, size));
    }

    private void sendWeights(long version, long offset, Elements stretch) {
        out.send(wire.toFrame(new ToWorker.Weights(version, offset, Payload.of(stretch))));
    }

    /** Lets go of the shared memory; the process keeps what it has mapped. */
    private void unmap() {
        if (source != null) {
            EventLoop.current().remove(source);
            source = null;
        }
        if (lane != null) {
            lane.close();
            lane = null;
        }
    }

    private void end(Runnable how) {
        if (!ended) {
            ended = true;
            queue.clear();
            how.run();
            unmap();
        }
    }
}
