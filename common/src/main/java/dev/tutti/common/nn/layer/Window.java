package dev.tutti.common.nn.layer;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.vector.Shape;
import java.util.OptionalInt;

/**
 * A square window that slides over an image of channels × height × width: what convolution and
 * pooling share.
 *
 * @param channels of the image
 * @param height of the image
 * @param width of the image
 * @param size height and width of the window
 * @param stride pixels from one place of the window to the next
 * @param padding zeros around the image
 */
record Window(int channels, int height, int width, int size, int stride, int padding) {
    /** Refuses sizes that make no window; without a stride, windows lie side by side. */
    static void requireSizes(int size, OptionalInt stride) {
        Bounds.atLeast("size", 1, size);
        if (stride.isPresent()) {
            Bounds.atLeast("stride", 1, stride.getAsInt());
        }
    }

    /**
     * Returns the window over an image of this shape.
     *
     * @throws IllegalArgumentException if it is no image, or smaller than the window
     */
    static Window over(Shape image, int size, int stride, int padding) {
        if (image.rank() != 3) {
            throw new IllegalArgumentException(
                    "takes an image of channels × height × width, found %s".formatted(image));
        }
        var window =
                new Window(
                        image.extent(0), image.extent(1), image.extent(2), size, stride, padding);
        var least = size - 2 * padding;
        if (window.height < least || window.width < least) {
            throw new IllegalArgumentException(
                    "needs an image of at least %d×%d, found %s".formatted(least, least, image));
        }
        return window;
    }

    /** Returns the places of the window from top to bottom. */
    int rows() {
        return (height + 2 * padding - size) / stride + 1;
    }

    /** Returns the places of the window from left to right. */
    int columns() {
        return (width + 2 * padding - size) / stride + 1;
    }

    /** Returns all places of the window. */
    int places() {
        return Math.multiplyExact(rows(), columns());
    }

    /** Returns the pixels under the window, over all channels. */
    int pixels() {
        return channels * size * size;
    }

    /** Returns the floats of the image. */
    int imageFloats() {
        return channels * height * width;
    }

    /** Returns whether every place is one pixel, so that an image is its own matrix of columns. */
    boolean isPixel() {
        return size == 1 && stride == 1 && padding == 0;
    }

    /** Returns the height of the image with its padding. */
    int paddedHeight() {
        return height + 2 * padding;
    }

    /**
     * Returns the image's column under window column {@code x} where the window stands at a column.
     */
    int pixelColumn(int column, int x) {
        return column * stride + x - padding;
    }

    /** Returns the first column whose pixel under window column {@code x} lies in the image. */
    int firstColumn(int x) {
        return Math.min(columns(), Math.max(0, Math.ceilDiv(padding - x, stride)));
    }

    /** Returns the column behind the last whose pixel under window column {@code x} does. */
    int lastColumn(int x) {
        return Math.max(
                firstColumn(x),
                Math.min(columns(), Math.floorDiv(width - 1 + padding - x, stride) + 1));
    }

    /** Returns the rows of places over all channels of all samples. */
    int planeRows(int samples) {
        return Math.multiplyExact(Math.multiplyExact(samples, channels), rows());
    }

    /** Returns where the window's upper left pixel lies at the start of a row; without padding. */
    long corner(int planeRow) {
        var plane = (long) (planeRow / rows());
        return (plane * height + (long) (planeRow % rows()) * stride) * width;
    }

    /** Returns how far a pixel of the window, counted row by row, lies from its upper left one. */
    long pixelOffset(int pixel) {
        return (long) (pixel / size) * width + pixel % size;
    }
}
