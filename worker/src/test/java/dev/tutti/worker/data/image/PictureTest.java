package dev.tutti.worker.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PictureTest {
    private static final long SEED = 20261129;

    /**
     * Enlarged by the new size, every old pixel is a block of whole parts, and so is every new one:
     * the average of a block is then a plain mean.
     */
    @Test
    void aNewPixelIsTheMeanOfTheAreaThatItCovers() {
        var random = new SplittableRandom(SEED);
        for (var i = 0; i < 200; i++) {
            var rows = random.nextInt(1, 9);
            var columns = random.nextInt(1, 9);
            var pixels = new byte[3 * rows * columns];
            random.nextBytes(pixels);
            var picture = new Picture(3, rows, columns, pixels);
            var newRows = random.nextInt(1, 9);
            var newColumns = random.nextInt(1, 9);
            assertThat(picture.resized(newRows, newColumns).pixels())
                    .as(
                            "seed %d, turn %d: %d×%d to %d×%d",
                            SEED, i, rows, columns, newRows, newColumns)
                    .isEqualTo(means(picture, newRows, newColumns));
        }
    }

    private static byte[] means(Picture picture, int newRows, int newColumns) {
        var rows = picture.rows();
        var columns = picture.columns();
        var out = new byte[3 * newRows * newColumns];
        for (var i = 0; i < out.length; i++) {
            var channel = i / (newRows * newColumns);
            var row = i / newColumns % newRows;
            var column = i % newColumns;
            var sum = BigInteger.ZERO;
            for (var y = row * rows; y < (row + 1) * rows; y++) {
                for (var x = column * columns; x < (column + 1) * columns; x++) {
                    var old = (channel * rows + y / newRows) * columns + x / newColumns;
                    sum = sum.add(BigInteger.valueOf(Byte.toUnsignedInt(picture.pixels()[old])));
                }
            }
            out[i] = (byte) Math.floor(sum.doubleValue() / (rows * columns) + 0.5);
        }
        return out;
    }
}
