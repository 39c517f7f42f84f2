package dev.tutti.coordinator.stream;

import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * The streams to the members of a coordinator or of a relay. A member whose stream has ended is not
 * here any more, and what is said to it is dropped. Owned by the actor that makes the decisions.
 */
public final class MemberStreams {
    private final LongFunction<PublishedWeights> weights;
    private final Map<ProcessId, WorkerStream> streams = new HashMap<>();

    /**
     * Makes a place for streams.
     *
     * @param weights returns what there is of the weights of a version at the moment
     */
    public MemberStreams(LongFunction<PublishedWeights> weights) {
        this.weights = weights;
    }

    /** Takes the stream of a process that has asked to join. */
    public void add(ProcessId process, WorkerStream stream) {
        streams.put(process, stream);
    }

    /** Forgets a stream that has ended by itself. */
    public void ended(ProcessId process) {
        with(process, WorkerStream::complete);
        streams.remove(process);
    }

    /**
     * A member shares memory from now on.
     *
     * @param actor is told of what comes through it, on the actor's own thread
     */
    public void laneMapped(ProcessId process, Consumer<ServerStreamEvent> actor) {
        with(
                process,
                stream ->
                        stream.laneMapped(
                                message ->
                                        actor.accept(
                                                new ServerStreamEvent.Received(
                                                        process, message, true)),
                                () -> actor.accept(new ServerStreamEvent.StreamReady(process))));
    }

    /** Says something to a member. */
    public void send(ProcessId process, ToWorker message) {
        with(process, stream -> stream.send(message));
        drain(process);
    }

    /** Sends the weights of a version to a member. */
    public void publish(ProcessId process, long version) {
        with(process, stream -> stream.publish(version, weights));
        drain(process);
    }

    /** Lets a member have chunks of the next weights before the step is done; a relay cannot. */
    public void letFlow(ProcessId process) {
        with(process, WorkerStream::letFlow);
    }

    /** Sends a chunk of the next weights to those who have all of the weights before it. */
    public void publishAhead(long version, int chunk) {
        for (var stream : streams.values()) {
            if (stream.publishAhead(version, chunk)) {
                stream.drain(weights);
            }
        }
    }

    /** Lets a member's transport hand over one more message. */
    public void requestNext(ProcessId process) {
        with(process, WorkerStream::requestNext);
    }

    /** Ends the stream of a process that may not join. */
    public void refuse(ProcessId process, Rejection why) {
        with(process, stream -> stream.refuse(why));
        streams.remove(process);
    }

    /** Ends the stream of a member that counts as lost. */
    public void drop(ProcessId process, String reason) {
        with(process, stream -> stream.drop(reason));
        streams.remove(process);
    }

    /** Ends the stream of a process that sent an invalid message. */
    public void end(ProcessId process, Status why) {
        with(process, stream -> stream.end(why));
        streams.remove(process);
    }

    /** Sends a member what its transport takes. */
    public void drain(ProcessId process) {
        with(
                process,
                stream -> {
                    stream.drain(weights);
                    if (stream.isEnded()) {
                        streams.remove(process);
                    }
                });
    }

    /** Sends every member what its transport takes. */
    public void drainAll() {
        List.copyOf(streams.keySet()).forEach(this::drain);
    }

    /** Ends a member's stream after what is queued. */
    public void finish(ProcessId process) {
        with(process, WorkerStream::finish);
        drain(process);
    }

    /** Ends every stream after what is queued. */
    public void finishAll() {
        streams.values().forEach(WorkerStream::finish);
        drainAll();
    }

    /** Ends every stream at once; the members may join anew. */
    public void dropAll(String reason) {
        streams.values().forEach(stream -> stream.drop(reason));
        streams.clear();
    }

    /** Ends every stream at once; nobody is there to join any more. */
    public void closeAll() {
        streams.values().forEach(WorkerStream::close);
        streams.clear();
    }

    /** Tells whether all streams have ended. */
    public boolean isEmpty() {
        return streams.isEmpty();
    }

    private void with(ProcessId process, Consumer<WorkerStream> action) {
        var stream = streams.get(process);
        if (stream != null) {
            action.accept(stream);
        }
    }
}
