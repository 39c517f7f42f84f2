package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.attack.Stale;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What faulty virtual workers have computed and not sent yet; see {@link Stale}. */
final class StaleGradients {
    private final KeptVectors kept;
    private final int age;
    private final int honest;

    /**
     * Makes gradients of which there are none yet.
     *
     * @param age 0 for none
     * @param honest virtual workers, the first ones
     */
    StaleGradients(KeptVectors kept, int age, int honest) {
        this.kept = kept;
        this.age = age;
        this.honest = honest;
    }

    /** Tells whether a virtual worker sends what is old. */
    boolean isOf(int worker) {
        return age > 0 && worker >= honest;
    }

    /**
     * Exchanges what a worker has computed in a step for what it sends.
     *
     * @param out a mean over samples
     */
    void exchange(int worker, long step, MemorySegment out) {
        var place = name(worker, step % age);
        if (step >= age) {
            swap(kept.of(place), out);
        } else {
            Floats.copy(out, kept.of(place));
            Floats.copy(kept.of(name(worker, 0)), out);
        }
    }

    private static String name(int worker, long place) {
        return "stale.%d.%d".formatted(worker, place);
    }

    private static void swap(MemorySegment left, MemorySegment right) {
        Blocks.update(
                List.of(),
                List.of(left, right),
                (count, _, out) -> {
                    for (var i = 0; i < count; i++) {
                        var value = out[0][i];
                        out[0][i] = out[1][i];
                        out[1][i] = value;
                    }
                });
    }
}
