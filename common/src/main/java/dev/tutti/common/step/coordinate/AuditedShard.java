package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * What several processes have sent of one shard, chunk by chunk. A chunk's bits are known once two
 * processes have sent the same; a process that has sent others is in the minority.
 */
final class AuditedShard {
    /** Computations by one process: the second tells whether it stays with its bits. */
    static final int ANSWERS_MAX = 2;

    /** A process, as audits see it. */
    record Sender(String process, String name, String host) {}

    /**
     * A chunk of the shard as a process has sent it.
     *
     * @param lease on the shard
     */
    record Piece(Lease lease, Sender sender, Results.Sent sent) {
        private boolean isSame(Piece other) {
            return sent.totals().equals(other.sent.totals()) && mismatch(other) < 0;
        }

        private Elements elements() {
            return sent.values().elements();
        }

        private void release() {
            sent.values().release();
        }

        /** Returns the first number whose bits differ, -1 if none do. */
        private long mismatch(Piece other) {
            var left = elements();
            var right = other.elements();
            if (left.precision() == right.precision()) {
                var at = left.memory().mismatch(right.memory());
                return at < 0 ? at : at / left.precision().bytes();
            }
            try (var own = Arena.ofConfined()) {
                var at = floats(left, own).memory().mismatch(floats(right, own).memory());
                return at < 0 ? at : at / Floats.BYTES;
            }
        }

        private static Elements floats(Elements elements, Arena arena) {
            return Elements.of(elements.floats(Floats.allocate(arena, elements.count())));
        }
    }

    private final Chunks chunks;
    private final LongFunction<String> names;
    private final List<List<Piece>> pieces = new ArrayList<>();
    private final boolean[] known;
    private final List<Sender> answers = new ArrayList<>();
    private final Map<String, Sender> right = new LinkedHashMap<>();
    private final Map<String, Sender> wrong = new LinkedHashMap<>();
    private Optional<Lease> used = Optional.empty();
    private Optional<String> difference = Optional.empty();
    private boolean alone;
    private int knownCount;

    AuditedShard(Chunks chunks, LongFunction<String> names) {
        this.chunks = chunks;
        this.names = names;
        this.known = new boolean[chunks.count()];
        for (var i = 0; i < chunks.count(); i++) {
            pieces.add(new ArrayList<>());
        }
    }

    /**
     * Takes a chunk, which is owned from now on; returns it, or one like it, if it is known now.
     */
    Optional<Piece> take(Piece piece) {
        var chunk = piece.sent.chunk();
        var before = pieces.get(chunk);
        if (known[chunk] || before.stream().anyMatch(one -> one.lease.equals(piece.lease))) {
            piece.release();
            return Optional.empty();
        }
        before.add(piece);
        if (alone) {
            return Optional.of(decide(chunk, piece));
        }
        before.stream()
                .filter(one -> !one.isSame(piece))
                .findFirst()
                .ifPresent(one -> differ(chunk, one, piece));
        return before.stream()
                .filter(one -> !one.sender.process.equals(piece.sender.process))
                .filter(one -> one.isSame(piece))
                .findFirst()
                .map(_ -> decide(chunk, piece));
    }

    private void differ(int chunk, Piece one, Piece other) {
        if (difference.isPresent()) {
            return;
        }
        difference =
                Optional.of(
                        one.sent.totals().equals(other.sent.totals())
                                ? values(chunk, one, other)
                                : "the totals are %s from %s and %s from %s"
                                        .formatted(
                                                one.sent.totals(),
                                                one.sender.name,
                                                other.sent.totals(),
                                                other.sender.name));
    }

    private String values(int chunk, Piece one, Piece other) {
        var index = one.mismatch(other);
        try (var own = Arena.ofConfined()) {
            var left = Piece.floats(one.elements().slice(index, 1), own).floats();
            var right = Piece.floats(other.elements().slice(index, 1), own).floats();
            return "%s is %s from %s and %s from %s"
                    .formatted(
                            names.apply(chunks.offset(chunk) + index),
                            text(Floats.get(left, 0)),
                            one.sender.name,
                            text(Floats.get(right, 0)),
                            other.sender.name);
        }
    }

    private static String text(float value) {
        return "%s (bits %08x)".formatted(value, Float.floatToRawIntBits(value));
    }

    /** Uses one of the pieces like this one; of one lease as far as there is a choice. */
    private Piece decide(int chunk, Piece like) {
        var all = pieces.get(chunk);
        var same = all.stream().filter(one -> one.isSame(like)).toList();
        var chosen =
                same.stream()
                        .filter(one -> used.filter(one.lease::equals).isPresent())
                        .findFirst()
                        .orElse(same.getFirst());
        used = used.or(() -> Optional.of(chosen.lease));
        for (var one : all) {
            (same.contains(one) ? right : wrong).put(one.sender.process, one.sender);
            if (!one.lease.equals(chosen.lease)) {
                one.release();
            }
        }
        all.clear();
        known[chunk] = true;
        knownCount++;
        return chosen;
    }

    /** Takes what has come as it is: there is nobody to compare it with. */
    List<Piece> acceptAlone() {
        alone = true;
        var accepted = new ArrayList<Piece>();
        for (var chunk = 0; chunk < pieces.size(); chunk++) {
            if (!pieces.get(chunk).isEmpty()) {
                accepted.add(decide(chunk, pieces.get(chunk).getFirst()));
            }
        }
        return accepted;
    }

    /**
     * Judges without a majority, once every process that is there has computed the shard twice: one
     * that alone stays with its bits is right. Returns nothing if that is none, or several.
     */
    List<Piece> judge() {
        var judged = new ArrayList<Piece>();
        for (var chunk = 0; chunk < pieces.size(); chunk++) {
            var steady = known[chunk] ? List.<Piece>of() : steady(pieces.get(chunk));
            if (steady.size() == 1) {
                judged.add(decide(chunk, steady.getFirst()));
            }
        }
        return judged;
    }

    /** Returns a piece of each process that has sent the same bits twice, and no others. */
    private static List<Piece> steady(Collection<Piece> all) {
        var steady = new ArrayList<Piece>();
        for (var one : all) {
            var own =
                    all.stream()
                            .filter(other -> other.sender.process.equals(one.sender.process))
                            .toList();
            if (own.size() > 1
                    && own.getFirst().lease.equals(one.lease)
                    && own.stream().allMatch(other -> other.isSame(one))) {
                steady.add(one);
            }
        }
        return steady;
    }

    /** Notes that all of a computation is in. */
    void answered(Sender sender) {
        answers.add(sender);
    }

    /** Returns the processes of which a computation is in. */
    Set<Sender> answered() {
        return Set.copyOf(answers);
    }

    /** Returns how many computations of a process are in. */
    int answersOf(String process) {
        return (int) answers.stream().filter(one -> one.process.equals(process)).count();
    }

    /** Tells whether bits differ and it is not known which are right. */
    boolean isDisputed() {
        return !alone
                && pieces.stream()
                        .anyMatch(all -> all.stream().anyMatch(one -> !one.isSame(all.getFirst())));
    }

    boolean isKnown() {
        return knownCount == known.length;
    }

    /** Tells whether it was taken without a comparison. */
    boolean isAlone() {
        return alone;
    }

    /** Returns the first difference in words. */
    Optional<String> difference() {
        return difference;
    }

    /** Returns the processes whose bits were right, and never wrong. */
    List<Sender> right() {
        return right.values().stream()
                .filter(sender -> !wrong.containsKey(sender.process))
                .toList();
    }

    /** Returns the processes whose bits were wrong at least once. */
    List<Sender> wrong() {
        return List.copyOf(wrong.values());
    }

    /** Lets go of all that is not known yet. */
    void drop() {
        for (var all : pieces) {
            all.forEach(one -> one.release());
            all.clear();
        }
    }
}
