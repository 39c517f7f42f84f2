package dev.tutti.common.average;

/**
 * The shards {@code from} (included) to {@code to} (excluded) of a batch.
 *
 * @param from first shard
 * @param to one past the last
 */
public record ShardRange(int from, int to) implements Comparable<ShardRange> {
    /** Refuses an empty or negative range. */
    public ShardRange {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("no shards in " + from + ".." + to);
        }
    }

    /** Returns the number of shards. */
    public int size() {
        return to - from;
    }

    /** Tells whether every shard of {@code other} is one of these. */
    public boolean contains(ShardRange other) {
        return from <= other.from && other.to <= to;
    }

    /** Orders by first shard, the larger range first. */
    @Override
    public int compareTo(ShardRange other) {
        return from != other.from ? Integer.compare(from, other.from) : other.to - to;
    }

    @Override
    public String toString() {
        return size() == 1 ? "shard " + from : "shards " + from + ".." + (to - 1);
    }
}
