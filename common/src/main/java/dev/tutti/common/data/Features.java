package dev.tutti.common.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** The inputs of all samples, row-major, one sample a row, outside the heap. */
public sealed interface Features {
    /** Returns the bytes that hold them. */
    MemorySegment bytes();

    /** Returns the bytes of one element. */
    int elementBytes();

    /**
     * Writes samples as floats, one behind the other.
     *
     * @param rows the samples are {@code rows[from]} to before {@code rows[to]}
     * @param width elements of a sample
     * @param out (to − from) × width floats
     */
    void gather(int[] rows, int from, int to, int width, MemorySegment out);

    /** Real numbers, each finite. */
    record Reals(MemorySegment bytes) implements Features {
        @Override
        public int elementBytes() {
            return Floats.BYTES;
        }

        @Override
        public void gather(int[] rows, int from, int to, int width, MemorySegment out) {
            var rowBytes = (long) width * Floats.BYTES;
            for (var i = from; i < to; i++) {
                MemorySegment.copy(bytes, rows[i] * rowBytes, out, (i - from) * rowBytes, rowBytes);
            }
        }
    }

    /**
     * Unsigned bytes that stand for value / 255, as images are stored: a quarter of the memory of
     * floats, and the same bits once gathered.
     */
    record Bytes(MemorySegment bytes) implements Features {
        /**
         * 1/255 in two parts: a byte times the first is exact, and the products' sum is rounded to
         * the bits of value / 255f for every byte, in a fraction of a division's time.
         */
        private static final float INVERSE_HIGH = 0x1.01p-8f;

        private static final float INVERSE_LOW = 0x1.010102p-24f;

        private static final int BLOCK_MAX = 4 * Blocks.FLOATS_MAX;

        @Override
        public int elementBytes() {
            return 1;
        }

        @Override
        public void gather(int[] rows, int from, int to, int width, MemorySegment out) {
            // Several rows together, or a part of one: loops of few turns are slow.
            var block = Math.min(width, BLOCK_MAX);
            var together = block < width ? 1 : Math.min(BLOCK_MAX / width, to - from);
            var values = new byte[together * block];
            var numbers = new int[values.length];
            var floats = new float[values.length];
            for (var i = from; i < to; i += together) {
                var count = Math.min(together, to - i);
                for (var at = 0; at < width; at += block) {
                    var part = Math.min(block, width - at);
                    for (var row = 0; row < count; row++) {
                        var source = (long) rows[i + row] * width + at;
                        MemorySegment.copy(bytes, JAVA_BYTE, source, values, row * part, part);
                    }
                    widen(count * part, values, numbers);
                    scale(count * part, numbers, floats);
                    var place = ((long) (i - from) * width + at) * Floats.BYTES;
                    MemorySegment.copy(floats, 0, out, JAVA_FLOAT, place, count * part);
                }
            }
        }

        private static void widen(int count, byte[] values, int[] out) {
            for (var i = 0; i < count; i++) {
                out[i] = values[i] & 0xff;
            }
        }

        /** Apart from {@link #widen}, since this loop alone is compiled to vector instructions. */
        private static void scale(int count, int[] numbers, float[] out) {
            for (var i = 0; i < count; i++) {
                var value = (float) numbers[i];
                out[i] = value * INVERSE_HIGH + value * INVERSE_LOW;
            }
        }
    }
}
