package dev.tutti.common.step.relay;

import dev.tutti.common.average.ChunkSums;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.StepLens;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.step.compute.ChunkRounding;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.coordinate.GradientDecoder;
import dev.tutti.common.step.coordinate.OpenWork;
import dev.tutti.common.step.coordinate.ResultCheck;
import dev.tutti.common.step.coordinate.Results;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.message.Outbox;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/**
 * A lease that a relay holds: what its members bring of it, and how much of their sum has been sent
 * on. No chunk is taken in before the coordinator has room for it, so that none piles up here (law
 * 7). Used again for one lease after another, for its memory.
 */
final class RelayedLease {
    private static final Lease NONE =
            new Lease(new Work.Train(-1), new ShardRange(0, 1), 0, new WorkerId(0));

    private final Chunks chunks;
    private final ChunkRounding rounding;
    private final SumsOnTheirWay sums;
    private final Results results;
    private final OpenWork work;
    private Lease lease = NONE;
    private int sent;
    private int allowed;

    /**
     * Makes room for a lease.
     *
     * @param check judges what members bring
     * @param rounding what chunks are rounded to
     * @param decoder hands codes on
     * @param vectors lends vectors of a chunk's length
     */
    RelayedLease(
            Arena arena,
            ShardTree tree,
            ResultCheck check,
            ChunkRounding rounding,
            GradientDecoder decoder,
            Leasing leasing,
            Membership membership,
            int creditChunks,
            LongFunction<String> names,
            VectorPool vectors,
            Outbox out) {
        this.chunks = check.chunks();
        this.rounding = rounding;
        this.sums = new SumsOnTheirWay(chunks, vectors);
        this.results =
                new Results(arena, tree, check, Averaging.MEAN, () -> 0, StepLens.NONE, sums);
        this.work =
                new OpenWork(results, decoder, leasing, membership, _ -> creditChunks, names, out);
    }

    /** Starts over with a lease of which so many chunks may be sent. */
    void begin(Lease granted, int allowedChunks) {
        lease = granted;
        sent = 0;
        allowed = allowedChunks;
        sums.drop();
        work.begin(granted.work(), granted.shards(), allowedChunks);
    }

    Lease lease() {
        return lease;
    }

    OpenWork work() {
        return work;
    }

    /** Notes that so many chunks may be sent in all, and lets the members send them. */
    void allow(int chunkCount, long now) {
        allowed = Math.max(allowed, chunkCount);
        work.makeRoom(allowed, now);
    }

    /** Returns the chunks that are summed up and may be sent. */
    List<ToCoordinator.Contribution> contributions() {
        var ready = new ArrayList<ToCoordinator.Contribution>();
        for (; sent < Math.min(allowed, chunks.count()); sent++) {
            var chunk = chunks.inSendOrder(sent);
            if (!results.isReduced(chunk)) {
                break;
            }
            ready.add(
                    new ToCoordinator.Contribution(
                            lease,
                            results.totals(),
                            results.isBeingComputed() ? 0 : results.computeNanosMax(),
                            chunks.offset(chunk),
                            sums.handOver(chunk, rounding.of(lease.shards(), chunk))));
        }
        return ready;
    }

    /** Tells whether all chunks are on their way. */
    boolean isSent() {
        return sent == chunks.count();
    }

    /** Returns the result of a lease that evaluates or measures; all of it must be in. */
    ToCoordinator.Evaluated evaluated() {
        var statistics =
                lease.work() instanceof Work.Measure work
                        ? results.statistics(work)
                        : BatchStatistics.NONE;
        return new ToCoordinator.Evaluated(
                lease, results.totals(), statistics, results.computeNanosMax());
    }

    /** Gives back what has come and was not sent. */
    void drop() {
        results.begin(lease.shards());
        sums.drop();
    }

    /** Sums of chunks that are not sent yet, each in a vector of its own. */
    private record SumsOnTheirWay(Chunks chunks, VectorPool vectors, Map<Integer, Payload> borrowed)
            implements ChunkSums {
        SumsOnTheirWay(Chunks chunks, VectorPool vectors) {
            this(chunks, vectors, new ConcurrentHashMap<>());
        }

        @Override
        public boolean take(int chunk, List<Elements> terms) {
            return ChunkSums.sum(terms, at(chunk));
        }

        private MemorySegment at(int chunk) {
            return Floats.slice(whole(chunk).floats(), 0, chunks.size(chunk));
        }

        private Payload whole(int chunk) {
            return borrowed.computeIfAbsent(chunk, _ -> vectors.lend(Precision.FP32));
        }

        Payload handOver(int chunk, Rounding rounding) {
            var whole = whole(chunk);
            var floats = at(chunk);
            borrowed.remove(chunk);
            return Payload.of(Elements.of(floats), rounding, whole::release);
        }

        void drop() {
            borrowed.values().forEach(Payload::release);
            borrowed.clear();
        }
    }
}
