package dev.tutti.coordinator;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.step.ToWorker;
import dev.tutti.proto.Frame;
import dev.tutti.proto.Wire;
import dev.tutti.proto.v1.CoordinatorFrame;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One process's outbound side: messages wait here until the transport can take them. Weights wait
 * as a position, not as bytes, so what waits stays small however slow the process is (law 7). Owned
 * by the actor that makes the decisions.
 */
public final class WorkerStream {
    private sealed interface Item {}

    private record Message(ToWorker message) implements Item {}

    /** Weights from {@code nextChunk} on, as they are when they are sent. */
    private record WeightsFrom(long version, int nextChunk) implements Item {}

    private record End() implements Item {}

    private final ServerCallStreamObserver<Frame<CoordinatorFrame>> out;
    private final Wire wire;
    private final boolean inPlace;
    private final Deque<Item> queue = new ArrayDeque<>();
    private boolean ended;

    /**
     * Makes the outbound side of a call.
     *
     * @param inPlace whether the weights are handed over as the very memory they are in
     */
    WorkerStream(ServerCallStreamObserver<Frame<CoordinatorFrame>> out, boolean inPlace) {
        this.out = out;
        this.wire = new Wire(!inPlace);
        this.inPlace = inPlace;
    }

    /** Queues a message. */
    public void send(ToWorker message) {
        queue.add(new Message(message));
    }

    /** Queues the weights; older ones that are not wholly sent are not worth sending any more. */
    public void publish(long version) {
        queue.removeIf(WeightsFrom.class::isInstance);
        queue.add(new WeightsFrom(version, 0));
    }

    /** Ends the stream after what is queued. */
    public void finish() {
        queue.add(new End());
    }

    /** Ends the stream at once, with a reason. */
    public void refuse(String reason) {
        end(() -> out.onError(Status.FAILED_PRECONDITION.withDescription(reason).asException()));
    }

    /** Ends the stream at once: the process counts as lost, but may join anew. */
    public void drop(String reason) {
        end(() -> out.onError(Status.ABORTED.withDescription(reason).asException()));
    }

    /** Ends the stream at once. */
    public void close() {
        end(() ->
                out.onError(
                        Status.UNAVAILABLE
                                .withDescription("the coordinator is stopping")
                                .asException()));
    }

    /** Tells whether the stream has ended, from this side. */
    public boolean isEnded() {
        return ended;
    }

    /** Lets the transport hand over one more message. */
    public void requestNext() {
        if (!ended) {
            out.request(1);
        }
    }

    /** Sends what the transport takes. */
    public void drain(MemorySegment weights, Chunks chunks) {
        while (!ended && !queue.isEmpty() && out.isReady()) {
            switch (queue.remove()) {
                case Message(var message) -> out.onNext(wire.toFrame(message));
                case WeightsFrom from -> sendWeights(from, weights, chunks);
                case End() -> end(out::onCompleted);
            }
        }
    }

    private void sendWeights(WeightsFrom from, MemorySegment weights, Chunks chunks) {
        var offset = inPlace ? 0 : chunks.offset(from.nextChunk());
        var stretch =
                inPlace ? weights : Floats.slice(weights, offset, chunks.size(from.nextChunk()));
        out.onNext(wire.toFrame(new ToWorker.Weights(from.version(), offset, Payload.of(stretch))));
        if (!inPlace && from.nextChunk() + 1 < chunks.count()) {
            queue.addFirst(new WeightsFrom(from.version(), from.nextChunk() + 1));
        }
    }

    private void end(Runnable how) {
        if (!ended) {
            ended = true;
            queue.clear();
            how.run();
        }
    }
}
