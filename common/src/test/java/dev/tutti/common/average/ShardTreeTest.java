package dev.tutti.common.average;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTreeTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 13, 64, 100})
    void coverTilesAnyRangeWithNodes(int shards) {
        var tree = new ShardTree(shards);
        for (var from = 0; from < shards; from++) {
            for (var to = from + 1; to <= shards; to++) {
                var next = from;
                for (var node : tree.cover(new ShardRange(from, to))) {
                    assertThat(node.from()).isEqualTo(next);
                    assertThat(tree.isNode(node)).isTrue();
                    next = node.to();
                }
                assertThat(next).isEqualTo(to);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 7, 8, 13, 64, 100})
    void childrenPartTheirNodeAndTheLeftOneIsFull(int shards) {
        var tree = new ShardTree(shards);
        var left = tree.left(tree.root());
        var right = tree.right(tree.root());
        assertThat(left.from()).isZero();
        assertThat(left.to()).isEqualTo(right.from());
        assertThat(right.to()).isEqualTo(shards);
        assertThat(Integer.bitCount(left.size())).isEqualTo(1);
        assertThat(left.size()).isGreaterThanOrEqualTo(right.size());
        assertThat(ShardTree.depth(tree.root()))
                .isEqualTo(1 + Math.max(ShardTree.depth(left), ShardTree.depth(right)));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 6, 9})
    void aRangeAcrossSubtreesIsNoNode(int shards) {
        var tree = new ShardTree(shards);
        var middle = tree.left(tree.root()).to();
        if (shards > 2) {
            assertThat(tree.isNode(new ShardRange(middle - 1, middle + 1))).isFalse();
        }
        assertThat(tree.isNode(new ShardRange(0, shards + 1))).isFalse();
    }
}
