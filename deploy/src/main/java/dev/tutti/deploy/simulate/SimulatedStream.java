package dev.tutti.deploy.simulate;

import dev.tutti.common.average.Payload;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.ProcessId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A process's stream to the coordinator or relay that it joined. As in the program, weights wait as
 * a position and not as messages, and go chunk by chunk, as far as the sender has them.
 */
final class SimulatedStream {
    private final ProcessId id;
    private final SimulatedHub above;
    private final VirtualHost below;
    private final Consumer<ToWorker> process;
    private final Costs costs;
    private final Deque<ToWorker> down = new ArrayDeque<>();
    private final Deque<ToCoordinator> up = new ArrayDeque<>();
    private long version = -1;
    private int nextChunk;
    private boolean flows;

    /**
     * Opens a stream.
     *
     * @param below the process's machine
     * @param process takes what comes from above
     */
    SimulatedStream(
            ProcessId id,
            SimulatedHub above,
            VirtualHost below,
            Costs costs,
            Consumer<ToWorker> process) {
        this.costs = costs;
        this.id = id;
        this.above = above;
        this.below = below;
        this.process = process;
        above.host.connect(below, this::nextDown);
        below.connect(above.host, this::nextUp);
    }

    ProcessId id() {
        return id;
    }

    void down(ToWorker message) {
        down.add(message);
    }

    void publish(long newest) {
        // What went ahead of its step need not go again.
        if (newest != version) {
            version = newest;
            nextChunk = 0;
        }
    }

    /** The process takes chunks of the next weights before their step is done. */
    void letFlow() {
        flows = true;
    }

    /** Goes on with the next weights, as far as they are there, once those before are sent. */
    void publishAhead(PublishedWeights ahead) {
        if (flows && version == ahead.version() - 1 && nextChunk == ahead.chunks().count()) {
            version = ahead.version();
            nextChunk = 0;
        }
    }

    void up(ToCoordinator message) {
        up.add(message);
        below.send();
    }

    private Optional<VirtualHost.Message> nextUp() {
        return Optional.ofNullable(up.poll())
                .map(message -> {
                    Runnable deliver = () -> above.on(new MembersEvent.Received(id, message));
                    return switch (message) {
                        case ToCoordinator.Contribution contribution ->
                                vector(contribution.values().elements().count(), deliver);
                        case ToCoordinator.Coded _ -> {
                            var code = costs.code().orElseThrow();
                            yield new VirtualHost.Message(
                                    code.bytes(), code.decodeNanos(), deliver);
                        }
                        default -> new VirtualHost.Message(0, 0, deliver);
                    };
                });
    }

    private VirtualHost.Message vector(long cells, Runnable deliver) {
        var floats = cells * ClusterSimulation.CELL_FLOATS;
        return new VirtualHost.Message(floats * Float.BYTES, costs.intakeNanos(floats), deliver);
    }

    private Optional<VirtualHost.Message> nextDown() {
        var message = down.poll();
        if (message != null) {
            return Optional.of(new VirtualHost.Message(0, 0, () -> process.accept(message)));
        }
        var published = above.published(version);
        if (version < 0 || nextChunk >= published.chunksOf(version)) {
            return Optional.empty();
        }
        var chunks = published.chunks();
        // What is sent ahead is there in the order in which gradients travel.
        var chunk = flows ? chunks.inSendOrder(nextChunk) : nextChunk;
        var offset = chunks.offset(chunk);
        var values = published.elements().slice(offset, chunks.size(chunk));
        nextChunk++;
        var weights = new ToWorker.Weights(version, offset, Payload.of(values));
        return Optional.of(vector(values.count(), () -> process.accept(weights)));
    }
}
