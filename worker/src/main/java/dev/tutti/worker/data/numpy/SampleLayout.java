package dev.tutti.worker.data.numpy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.vector.Shape;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;

/**
 * What one sample of an array is. A sample of two dimensions is an image of one channel. One of
 * three is an image whose channels come first; if only the last of its extents can be a number of
 * channels, which is 1, 3 or 4, they come last and are put first.
 *
 * @param sample its shape, channels first
 * @param channelsLast whether the array has the channels last
 * @param bytes whether the elements are bytes that stand for value / 255
 */
record SampleLayout(Shape sample, boolean channelsLast, boolean bytes) {
    private static final Set<Integer> CHANNELS = Set.of(1, 3, 4);
    private static final int IMAGES_RANK = 3;
    private static final int CHANNELS_RANK = 4;

    /** Returns the layout of an array of samples. */
    static SampleLayout of(NpyArray array) {
        var extents = array.header().shape();
        var channelsLast =
                array.rank() == CHANNELS_RANK
                        && CHANNELS.contains(extents.getLast())
                        && !CHANNELS.contains(extents.get(1));
        return new SampleLayout(
                shape(array, channelsLast),
                channelsLast,
                array.rank() >= IMAGES_RANK && array.header().type().isByte());
    }

    private static Shape shape(NpyArray array, boolean channelsLast) {
        var extents = new ArrayList<>(array.header().shape());
        extents.removeFirst();
        if (channelsLast) {
            extents.addFirst(extents.removeLast());
        } else if (array.rank() == IMAGES_RANK || extents.isEmpty()) {
            extents.addFirst(1);
        }
        try {
            return new Shape(extents);
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    "array %s is %s: a sample of it %s"
                            .formatted(array.name(), array.header().text(), e.getMessage()),
                    e);
        }
    }

    /** Returns the place in a sample of the element that the array has at {@code index}. */
    int place(int index) {
        if (!channelsLast) {
            return index;
        }
        var channels = sample.extent(0);
        return index % channels * (sample.size() / channels) + index / channels;
    }

    /** Returns the words for what was decided, if it was not plain. */
    Optional<String> decided() {
        var words = new ArrayList<String>();
        if (channelsLast) {
            words.add("channels are last and were put first");
        } else if (sample.rank() == IMAGES_RANK) {
            words.add("images are taken as channels × rows × columns");
        }
        if (bytes) {
            words.add("bytes stand for value / 255");
        }
        return words.isEmpty()
                ? Optional.empty()
                : Optional.of("samples of %s: %s".formatted(sample, String.join(", ", words)));
    }

    /** Refuses test samples that are not laid out as those for training. */
    void requireSame(NpyArray train, NpyArray test) {
        if (!equals(of(test))) {
            throw new DataException(
                    "arrays %s and %s must have the same shape and type, are %s of %s and %s of %s"
                            .formatted(
                                    train.name(),
                                    test.name(),
                                    train.header().text(),
                                    words(train),
                                    test.header().text(),
                                    words(test)));
        }
    }

    private static String words(NpyArray array) {
        return switch (array.header().type().kind()) {
            case FLOAT -> "floats";
            case SIGNED -> "integers";
            case UNSIGNED -> "unsigned integers";
            case BOOL -> "truth values";
        };
    }
}
