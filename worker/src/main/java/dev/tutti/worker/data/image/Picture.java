package dev.tutti.worker.data.image;

import java.util.Arrays;

/** The pixels of an image, 8 bits a channel: grey, or red, green and blue. */
public final class Picture {
    static final int GREY = 1;
    static final int COLOURS = 3;

    private final int channels;
    private final int rows;
    private final int columns;
    private final byte[] pixels; // channels × rows × columns

    Picture(int channels, int rows, int columns, byte[] pixels) {
        if (pixels.length != channels * rows * columns) {
            throw new IllegalArgumentException(
                    "%d pixels for %d×%d×%d".formatted(pixels.length, channels, rows, columns));
        }
        this.channels = channels;
        this.rows = rows;
        this.columns = columns;
        this.pixels = pixels;
    }

    /** Tells whether it has one channel. */
    public boolean grey() {
        return channels == GREY;
    }

    /** Returns the number of rows. */
    public int rows() {
        return rows;
    }

    /** Returns the number of columns. */
    public int columns() {
        return columns;
    }

    /** Returns the pixels, channels × rows × columns; not a copy. */
    public byte[] pixels() {
        return pixels;
    }

    /**
     * Returns the image in another size. A new pixel is the average of the area that it covers of
     * the old ones, rounded half up; integers alone are used, so that the bits are the same on
     * every machine.
     */
    public Picture resized(int newRows, int newColumns) {
        if (newRows == rows && newColumns == columns) {
            return this;
        }
        var out = new byte[channels * newRows * newColumns];
        for (var channel = 0; channel < channels; channel++) {
            resize(channel, newRows, newColumns, out);
        }
        return new Picture(channels, newRows, newColumns, out);
    }

    /** Lengths are counted in such parts that a pixel of either image is a whole number of them. */
    private void resize(int channel, int newRows, int newColumns, byte[] out) {
        var area = (long) rows * columns;
        var narrow = new long[newColumns];
        var sums = new long[newColumns];
        for (var row = 0; row < newRows; row++) {
            Arrays.fill(sums, 0);
            var top = (long) row * rows;
            var bottom = top + rows;
            for (var old = (int) (top / newRows); (long) old * newRows < bottom; old++) {
                var height =
                        Math.min(bottom, (old + 1L) * newRows)
                                - Math.max(top, (long) old * newRows);
                narrow((channel * rows + old) * columns, newColumns, narrow);
                for (var column = 0; column < newColumns; column++) {
                    sums[column] += height * narrow[column];
                }
            }
            for (var column = 0; column < newColumns; column++) {
                out[(channel * newRows + row) * newColumns + column] =
                        (byte) ((2 * sums[column] + area) / (2 * area));
            }
        }
    }

    /** Adds up a row's pixels, each times the length that a new pixel covers of it. */
    private void narrow(int from, int newColumns, long[] out) {
        for (var column = 0; column < newColumns; column++) {
            var left = (long) column * columns;
            var right = left + columns;
            var sum = 0L;
            for (var old = (int) (left / newColumns); (long) old * newColumns < right; old++) {
                var width =
                        Math.min(right, (old + 1L) * newColumns)
                                - Math.max(left, (long) old * newColumns);
                sum += width * Byte.toUnsignedInt(pixels[from + old]);
            }
            out[column] = sum;
        }
    }
}
