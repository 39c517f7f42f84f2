package dev.tutti.common.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.tutti.common.kernel.Blocks;
import dev.tutti.common.kernel.Floats;
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

        @Override
        public int elementBytes() {
            return 1;
        }

        @Override
        public void gather(int[] rows, int from, int to, int width, MemorySegment out) {
            var stretch = Math.min(width, Blocks.FLOATS_MAX);
            var values = new byte[stretch];
            var floats = new float[stretch];
            for (var i = from; i < to; i++) {
                for (var at = 0; at < width; at += stretch) {
                    var count = Math.min(stretch, width - at);
                    var place = (long) (i - from) * width + at;
                    MemorySegment.copy(
                            bytes, JAVA_BYTE, (long) rows[i] * width + at, values, 0, count);
                    centre(count, values);
                    scale(count, values, floats);
                    MemorySegment.copy(floats, 0, out, JAVA_FLOAT, place * Floats.BYTES, count);
                }
            }
        }

        /** Takes 128 from each byte: a signed one becomes a float in vector instructions. */
        private static void centre(int count, byte[] out) {
            for (var i = 0; i < count; i++) {
                out[i] ^= (byte) 0x80;
            }
        }

        private static void scale(int count, byte[] centred, float[] out) {
            for (var i = 0; i < count; i++) {
                var value = centred[i] + 128f;
                out[i] = value * INVERSE_HIGH + value * INVERSE_LOW;
            }
        }
    }
}
