package dev.tutti.common.step.worker;

import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.message.Incoming;
import dev.tutti.common.step.message.StatePart;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the virtual workers of a process keep from one gradient to the next, by the batch that it is
 * of. The one before stays until the next but one: a result may be refused, and is then computed
 * again.
 */
final class KeptStates {
    private final Optional<VectorCode> code;
    private final Optional<CompressorState> zero;
    private final Map<Integer, Incoming> incoming = new HashMap<>();
    private final Map<Integer, Map<Long, CompressorState>> states = new HashMap<>();

    /** Makes the states of a process; nothing is kept without a code that keeps something. */
    KeptStates(Optional<VectorCode> code) {
        this.code = code;
        this.zero = code.map(VectorCode::zero);
    }

    /** Returns what a lease's gradient is computed with; empty if it is not here. */
    Optional<CompressorState> before(Lease lease) {
        if (zero.isEmpty() || !(lease.work() instanceof Work.Train)) {
            return Optional.of(CompressorState.NONE);
        }
        return lease.after() == Lease.NEVER
                ? zero
                : Optional.ofNullable(of(lease.shards().from()).get(lease.after()));
    }

    /** Keeps what a lease that is wanted has led to. */
    void put(Lease lease, CompressorState after) {
        if (lease.work() instanceof Work.Train(_, var batch) && zero.isPresent()) {
            var known = of(lease.shards().from());
            known.keySet().removeIf(other -> other != lease.after());
            known.put(batch, after);
        }
    }

    /** Takes a part of a state; returns why it is refused, in words that follow who sent it. */
    Optional<String> take(StatePart part) {
        if (code.isEmpty()) {
            return Optional.of("sent a state in a run that keeps none");
        }
        var known = incoming.computeIfAbsent(part.shard(), _ -> new Incoming());
        var refusal = known.take(part.bytes(), code.get().stateBytes());
        var whole = refusal.isPresent() ? Optional.<byte[]>empty() : known.whole();
        if (whole.isPresent() && whole.get().length != code.get().stateBytes()) {
            return Optional.of("sent a state of %d bytes".formatted(whole.get().length));
        }
        whole.ifPresent(bytes -> {
            var states = of(part.shard());
            states.clear();
            states.put(part.batch(), code.get().state(bytes));
        });
        return refusal;
    }

    /** Returns what a virtual worker keeps after a batch, as bytes; empty if it is not here. */
    Optional<byte[]> bytesAfter(int shard, long batch) {
        return Optional.ofNullable(of(shard).get(batch))
                .map(state -> code.orElseThrow().bytes(state));
    }

    private Map<Long, CompressorState> of(int shard) {
        return states.computeIfAbsent(shard, _ -> new TreeMap<>());
    }
}
