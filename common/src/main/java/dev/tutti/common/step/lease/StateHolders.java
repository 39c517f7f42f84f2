package dev.tutti.common.step.lease;

import dev.tutti.common.step.course.SavedVector;
import dev.tutti.common.step.message.Incoming;
import dev.tutti.common.step.message.Outbox;
import dev.tutti.common.step.message.StatePart;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the states of the virtual workers are: with the process that brought the last gradient of
 * each. Only that process can compute the next one, until the coordinator has collected the state;
 * then it can hand it to anybody. What was not collected goes down with its process.
 */
public final class StateHolders {
    private static final String NAME = "state.";

    /**
     * A state that the coordinator has.
     *
     * @param batch after which it is
     * @param bytes of it, as a worker wrote them
     */
    @SuppressWarnings("ArrayRecordComponent") // Never written to, never compared.
    public record State(long batch, byte[] bytes) {}

    private final int vectors;
    private final long trainedBytes;
    private final long length;
    private final long stateBytes;
    private final boolean shared;
    private final Map<Integer, Long> batches = new TreeMap<>();
    private final Map<Integer, ProcessId> holders = new TreeMap<>();

    /** Who has brought the gradient that is to count next. */
    private final Map<Integer, ProcessId> promised = new TreeMap<>();

    private final Map<Integer, State> collected = new TreeMap<>();
    private final Map<Integer, byte[]> arrived = new HashMap<>();
    private final Map<Integer, Incoming> incoming = new HashMap<>();

    /**
     * Makes the states of a run, none of which has changed yet.
     *
     * @param vectors of each; 0 if virtual workers keep nothing
     * @param shared whether a state is the vector that came last, so that the coordinator has it,
     *     too
     * @param trained floats of each vector
     * @param length floats of the model's vector; behind the trained ones are statistics
     */
    public StateHolders(int vectors, boolean shared, long trained, long length) {
        this.vectors = vectors;
        this.shared = shared;
        this.trainedBytes = trained * Floats.BYTES;
        this.stateBytes = vectors * trainedBytes;
        this.length = length;
    }

    /** Tells whether virtual workers keep anything. */
    public boolean areKept() {
        return stateBytes > 0;
    }

    /** Returns the batch after which a virtual worker's state is needed. */
    long after(int shard) {
        return batches.getOrDefault(shard, Lease.NEVER);
    }

    /** Returns the process that alone can compute for a virtual worker, if there is only one. */
    Optional<ProcessId> only(int shard) {
        return isCollected(shard)
                ? Optional.empty()
                : Optional.of(Objects.requireNonNull(holders.get(shard)));
    }

    /** Tells whether the coordinator has the state of a virtual worker, or it has none. */
    private boolean isCollected(int shard) {
        var known = collected.get(shard);
        return after(shard) == Lease.NEVER || (known != null && known.batch() == after(shard));
    }

    /** Tells whether the coordinator has all states. */
    public boolean areCollected() {
        return batches.keySet().stream().allMatch(this::isCollected);
    }

    /** Tells whether a process has a state, or will come to have one, that nobody else has. */
    public boolean isNeeded(ProcessId process) {
        return promised.containsValue(process)
                || holders.entrySet().stream()
                        .anyMatch(entry ->
                                entry.getValue().equals(process) && !isCollected(entry.getKey()));
    }

    /** Notes that a gradient has come that may come to count. */
    void came(int shard, ProcessId by) {
        promised.put(shard, by);
    }

    /**
     * Keeps a gradient that has come, if that is the state of its virtual worker: it counts once
     * {@link #brought} is told of it.
     *
     * @param samples of it; without any its virtual worker keeps what it has
     */
    public void came(int shard, int samples, Elements gradient) {
        if (shared && samples > 0) {
            var bytes = gradient.floats().asSlice(0, stateBytes).toArray(ValueLayout.JAVA_BYTE);
            arrived.put(shard, bytes);
        }
    }

    /** Returns the state that the coordinator has of a virtual worker. */
    public Optional<State> collected(int shard) {
        return Optional.ofNullable(collected.get(shard));
    }

    /** Notes that a gradient counts, and so has changed its virtual worker's state. */
    public void brought(int shard, long batch, ProcessId by) {
        if (areKept()) {
            batches.put(shard, batch);
            holders.put(shard, by);
            promised.remove(shard);
            if (shared) {
                var bytes = arrived.remove(shard);
                collected.compute(shard, (_, known) -> known(batch, bytes, known));
            }
        }
    }

    private State known(long batch, byte @Nullable [] bytes, @Nullable State before) {
        if (bytes != null) {
            return new State(batch, bytes);
        }
        var same = before == null ? new byte[Math.toIntExact(stateBytes)] : before.bytes();
        return new State(batch, same);
    }

    /** Sends a state to a process that is about to compute with it and has not got it. */
    void handOut(int shard, ProcessId to, Outbox out) {
        var known = collected.get(shard);
        if (after(shard) != Lease.NEVER && !to.equals(holders.get(shard)) && known != null) {
            StatePart.parts(shard, known.batch(), known.bytes())
                    .forEach(part -> out.send(to, new ToWorker.State(part)));
            holders.put(shard, to);
        }
    }

    /** Forgets who has what: states go from here. */
    public void forget(ProcessId gone) {
        holders.values().removeIf(gone::equals);
        promised.values().removeIf(gone::equals);
    }

    /** Asks for all states that the coordinator does not have, or those of one process. */
    public void collect(Optional<ProcessId> from, Outbox out) {
        holders.forEach((shard, process) -> {
            if (!isCollected(shard) && from.map(process::equals).orElse(true)) {
                incoming.remove(shard);
                out.send(process, new ToWorker.StateWanted(shard, after(shard)));
            }
        });
    }

    /**
     * Takes a part of a state that was asked for.
     *
     * @return why it is refused, in words that follow who sent it; empty if it is in order
     */
    public Optional<String> take(ProcessId from, StatePart part) {
        var shard = part.shard();
        if (!from.equals(holders.get(shard)) || part.batch() != after(shard)) {
            // It was asked for before the next gradient came, or before the run went back.
            return Optional.empty();
        }
        var known = incoming.computeIfAbsent(shard, _ -> new Incoming());
        var refusal = known.take(part.bytes(), stateBytes);
        if (refusal.isEmpty()) {
            known.whole().ifPresent(bytes -> collected.put(shard, new State(part.batch(), bytes)));
        }
        return refusal;
    }

    /**
     * Returns the states that have changed, once all are collected: each vector as one of the run.
     */
    public List<SavedVector> saved() {
        var saved = new ArrayList<SavedVector>();
        collected.forEach((shard, state) -> {
            for (var i = 0; i < vectors; i++) {
                var vector = Floats.allocate(Arena.ofAuto(), length);
                Floats.fill(0, vector);
                var from = MemorySegment.ofArray(state.bytes());
                MemorySegment.copy(from, i * trainedBytes, vector, 0, trainedBytes);
                saved.add(
                        new SavedVector(
                                "%s%d.%d.%d".formatted(NAME, shard, state.batch(), i), vector));
            }
        });
        return List.copyOf(saved);
    }

    /** Tells whether a vector of a run is part of a state. */
    public static boolean isState(SavedVector vector) {
        return vector.name().startsWith(NAME);
    }

    /** Goes on with the states among the vectors of a run that stood here. */
    public void resume(List<SavedVector> from) {
        collected.clear();
        batches.clear();
        holders.clear();
        promised.clear();
        arrived.clear();
        incoming.clear();
        from.stream().filter(StateHolders::isState).forEach(this::resume);
    }

    private void resume(SavedVector vector) {
        var keys = vector.name().substring(NAME.length()).split("\\.", -1);
        var shard = Integer.parseInt(keys[0]);
        var batch = Long.parseLong(keys[1]);
        var index = Integer.parseInt(keys[2]);
        var state =
                collected.computeIfAbsent(
                        shard, _ -> new State(batch, new byte[Math.toIntExact(stateBytes)]));
        MemorySegment.copy(
                vector.values(),
                0,
                MemorySegment.ofArray(state.bytes()),
                index * trainedBytes,
                trainedBytes);
        batches.put(shard, batch);
    }
}
