package dev.tutti.common.step.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.lease.Division.Candidate;
import dev.tutti.common.step.lease.Division.Piece;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DivisionTest {
    @Test
    void equalWorkersGetEqualSharesInAsFewNodesAsCanBe() {
        var pieces = divide(8, candidate(0, 1, 0), candidate(1, 1, 0));
        assertThat(pieces)
                .containsExactlyInAnyOrder(
                        new Piece(new WorkerId(0), new ShardRange(0, 4)),
                        new Piece(new WorkerId(1), new ShardRange(4, 8)));
        assertThat(divide(5, candidate(0, 1, 0), candidate(1, 1, 0))).hasSize(3);
    }

    @Test
    void aWorkerThatIsTwiceAsFastGetsTwiceTheShards() {
        var pieces = divide(12, candidate(0, 2, 0), candidate(1, 1, 0));
        assertThat(shards(pieces, 0)).isEqualTo(4);
        assertThat(shards(pieces, 1)).isEqualTo(8);
    }

    @Test
    void whoOwesShardsGetsFewer() {
        var pieces = divide(4, candidate(0, 1, 4), candidate(1, 1, 0));
        assertThat(shards(pieces, 1)).isEqualTo(4);
    }

    @Test
    void sharesAreTheSameUnlessOthersAreWorthwhile() {
        var slow = candidate(0, 10, 0);
        var fast = candidate(1, 3, 0);
        // The last ends at 10 with a shard each, and at 6 if the fast one has both.
        assertThat(shards(divide(2, 3.9, slow, fast), 1)).isEqualTo(2);
        assertThat(shards(divide(2, 4.1, slow, fast), 1)).isEqualTo(1);
    }

    @Test
    void whoStandsForManyGetsAsManyTimesTheShards() {
        var relay = new Candidate(new WorkerId(0), 1, 3, 0);
        var pieces = divide(8, 1000, relay, candidate(1, 1, 0));
        assertThat(shards(pieces, 0)).isEqualTo(6);
        assertThat(shards(pieces, 1)).isEqualTo(2);
    }

    @Test
    void everyShardIsGivenOnceAndEveryPieceIsANode() {
        for (var seed = 1; seed <= 200; seed++) {
            var random = Seeds.of(seed, "division");
            var tree = new ShardTree(1 + random.nextInt(40));
            var candidates =
                    IntStream.range(0, 1 + random.nextInt(50))
                            .mapToObj(
                                    i -> candidate(i, 0.1 + random.nextDouble(), random.nextInt(5)))
                            .toList();
            var next = 0;
            for (var piece :
                    Division.of(tree, List.of(tree.root()), candidates, 0).stream()
                            .sorted((a, b) -> a.node().compareTo(b.node()))
                            .toList()) {
                assertThat(piece.node().from()).as("seed %d", seed).isEqualTo(next);
                assertThat(tree.isNode(piece.node())).as("seed %d", seed).isTrue();
                next = piece.node().to();
            }
            assertThat(next).as("seed %d", seed).isEqualTo(tree.shards());
        }
    }

    @Test
    void shardsThatLieApartAreDividedTogether() {
        var nodes = List.of(new ShardRange(0, 2), new ShardRange(6, 8));
        var pieces =
                Division.of(
                        new ShardTree(8),
                        nodes,
                        List.of(candidate(0, 1, 0), candidate(1, 1, 0)),
                        0);
        assertThat(pieces).extracting(Piece::node).containsExactlyInAnyOrderElementsOf(nodes);
    }

    private static List<Piece> divide(int shards, Candidate... candidates) {
        return divide(shards, 0, candidates);
    }

    private static List<Piece> divide(int shards, double worthwhile, Candidate... candidates) {
        var tree = new ShardTree(shards);
        return new ArrayList<>(
                Division.of(tree, List.of(tree.root()), List.of(candidates), worthwhile));
    }

    private static Candidate candidate(int worker, double pace, int owed) {
        return new Candidate(new WorkerId(worker), pace, 1, owed);
    }

    private static int shards(List<Piece> pieces, int worker) {
        return pieces.stream()
                .filter(piece -> piece.worker().number() == worker)
                .mapToInt(piece -> piece.node().size())
                .sum();
    }
}
