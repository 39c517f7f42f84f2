package dev.tutti.common.step.lease;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Divides nodes of the shard tree among workers so that all end at about the same time: one that is
 * twice as fast gets twice the shards. Where that gains too little to be more than chance, all get
 * the same. What each gets is cut into as few nodes as possible. The division never shows in the
 * weights, whose sum is taken along the tree either way.
 */
final class Division {
    /**
     * A worker that may get shards.
     *
     * @param worker who
     * @param pace time that one worker takes for a shard, in any unit that all share
     * @param capacity workers that share what is given: those behind a relay, otherwise one
     * @param owed shards still to be computed
     */
    record Candidate(WorkerId worker, double pace, int capacity, int owed) {
        private double end(int given) {
            return pace * (owed + given) / capacity;
        }

        private Candidate at(double usual) {
            return new Candidate(worker, usual, capacity, owed);
        }
    }

    /** A node for a worker. */
    record Piece(WorkerId worker, ShardRange node) {
        /** Returns each of its shards as a piece. */
        Stream<Piece> shards() {
            return IntStream.range(node.from(), node.to())
                    .mapToObj(shard -> new Piece(worker, new ShardRange(shard, shard + 1)));
        }
    }

    private Division() {}

    /**
     * Divides the nodes.
     *
     * @param nodes disjoint, in shard order
     * @param candidates at least one
     * @param worthwhile how much earlier the last must end for shares that are not the same, in the
     *     unit of the paces
     */
    static List<Piece> of(
            ShardTree tree,
            Collection<ShardRange> nodes,
            List<Candidate> candidates,
            double worthwhile) {
        var quotas =
                quotas(nodes.stream().mapToInt(ShardRange::size).sum(), candidates, worthwhile);
        var bySize =
                Comparator.<WorkerId>comparingInt(worker -> quotas.getOrDefault(worker, 0))
                        .thenComparing(Comparator.naturalOrder());
        // Where a share begins decides into how many nodes it falls: the better of two orders.
        return Stream.of(bySize, bySize.reversed())
                .map(order -> cut(tree, nodes, quotas, order))
                .min(Comparator.comparingInt(List::size))
                .orElseThrow();
    }

    private static Map<WorkerId, Integer> quotas(
            int shards, List<Candidate> candidates, double worthwhile) {
        var alike = candidates.stream().map(candidate -> candidate.at(1)).toList();
        var even = quotas(shards, alike);
        var paced = quotas(shards, candidates);
        return end(even, candidates) - end(paced, candidates) > worthwhile ? paced : even;
    }

    /**
     * Gives one shard at a time to the worker that would finish it first; ties to the lower number.
     */
    private static Map<WorkerId, Integer> quotas(int shards, List<Candidate> candidates) {
        record Turn(double end, Candidate candidate, int given) {
            static Turn of(Candidate candidate, int given) {
                return new Turn(candidate.end(given + 1), candidate, given);
            }
        }
        var turns =
                new PriorityQueue<>(
                        Comparator.comparingDouble(Turn::end)
                                .thenComparing(turn -> turn.candidate().worker()));
        candidates.forEach(candidate -> turns.add(Turn.of(candidate, 0)));
        var quotas = new HashMap<WorkerId, Integer>();
        for (var shard = 0; shard < shards; shard++) {
            var next = turns.remove();
            quotas.put(next.candidate().worker(), next.given() + 1);
            turns.add(Turn.of(next.candidate(), next.given() + 1));
        }
        return quotas;
    }

    /** Returns when the last ends, of those that are given something. */
    private static double end(Map<WorkerId, Integer> quotas, List<Candidate> candidates) {
        return candidates.stream()
                .filter(candidate -> quotas.containsKey(candidate.worker()))
                .mapToDouble(candidate -> candidate.end(quotas.getOrDefault(candidate.worker(), 0)))
                .max()
                .orElse(0);
    }

    private static List<Piece> cut(
            ShardTree tree,
            Collection<ShardRange> nodes,
            Map<WorkerId, Integer> quotas,
            Comparator<WorkerId> order) {
        var workers = quotas.keySet().stream().sorted(order).iterator();
        var pieces = new ArrayList<Piece>();
        var worker = workers.next();
        var left = quotas.getOrDefault(worker, 0);
        for (var node : nodes) {
            for (var from = node.from(); from < node.to(); ) {
                if (left == 0) {
                    worker = workers.next();
                    left = quotas.getOrDefault(worker, 0);
                }
                var to = Math.min(node.to(), from + left);
                for (var part : tree.cover(new ShardRange(from, to))) {
                    pieces.add(new Piece(worker, part));
                }
                left -= to - from;
                from = to;
            }
        }
        return pieces;
    }
}
