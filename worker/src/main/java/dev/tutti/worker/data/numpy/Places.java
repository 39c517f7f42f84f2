package dev.tutti.worker.data.numpy;

/** The places of an array's elements, one after the other as they are stored. */
final class Places {
    private final int[] extents;
    private final int[] index;
    private final long[] strides;
    private final boolean fortranOrder;
    private long next;

    Places(NpyHeader header) {
        this.extents = header.shape().stream().mapToInt(Integer::intValue).toArray();
        this.index = new int[extents.length];
        this.strides = new long[extents.length];
        this.fortranOrder = header.fortranOrder();
        var stride = 1L;
        for (var i = extents.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= extents[i];
        }
    }

    /** Returns the place of the next element, if the last index ran fastest. */
    long next() {
        var place = next;
        if (fortranOrder) {
            advance();
        } else {
            next++;
        }
        return place;
    }

    private void advance() {
        for (var i = 0; i < extents.length; i++) {
            next += strides[i];
            index[i]++;
            if (index[i] < extents[i]) {
                return;
            }
            next -= strides[i] * extents[i];
            index[i] = 0;
        }
    }
}
