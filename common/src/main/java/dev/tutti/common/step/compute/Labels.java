package dev.tutti.common.step.compute;

import dev.tutti.common.average.attack.LabelAttack;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** What a faulty shard makes of the classes of its samples. */
final class Labels {
    private Labels() {}

    /**
     * Changes targets in place.
     *
     * @param width 1 if a target is a class, else it has a 1 at its class
     * @param out samples × width
     */
    static void change(LabelAttack attack, int classes, int width, MemorySegment out) {
        for (var at = 0L; at < Floats.count(out); at += width) {
            if (width == 1) {
                Floats.set(out, at, attack.label((int) Floats.get(out, at), classes));
            } else {
                var label = label(width, at, out);
                Floats.set(out, at + label, 0);
                Floats.set(out, at + attack.label(label, classes), 1);
            }
        }
    }

    private static int label(int width, long at, MemorySegment row) {
        for (var k = 0; k < width; k++) {
            if (Floats.get(row, at + k) != 0) {
                return k;
            }
        }
        throw new IllegalStateException("a row of targets without a class");
    }
}
