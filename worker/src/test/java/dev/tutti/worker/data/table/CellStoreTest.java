package dev.tutti.worker.data.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cells of a table, whether they fit into a temporary file or not. */
class CellStoreTest {
    private static final long SEED = 1;
    private static final int COUNT = 3 * CellStore.BLOCK + 7;

    /** A file, none at all, and one that is full at once. */
    record Place(String name, CellStore.Files files) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Place> places() {
        return Stream.of(
                new Place("in a file", SpillFile::open),
                new Place(
                        "without a file",
                        () -> {
                            throw new IOException("no folder");
                        }),
                new Place("in a file that is full", () -> full()));
    }

    private static SpillFile full() throws IOException {
        return new SpillFile(
                FileChannel.open(
                        Path.of("/dev/full"), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @ParameterizedTest
    @MethodSource("places")
    void numbersComeBackAsTheyWere(Place place) {
        var random = Seeds.of(SEED, "cells");
        var expected = new double[COUNT];
        try (var store = new CellStore(true, place.files())) {
            for (var i = 0; i < COUNT; i++) {
                expected[i] = i % 5 == 0 ? Double.NaN : random.nextDouble();
                store.add(expected[i]);
            }
            for (var i = 0; i < COUNT; i += 1 + random.nextInt(CellStore.BLOCK / 8)) {
                expected[i] = random.nextInt(100);
                store.set(i, expected[i]);
            }
            assertHolds(store, expected);
            for (var i = 0; i < 100; i++) {
                var at = random.nextInt(COUNT);
                assertThat(store.get(at))
                        .as("seed %d, number %d", SEED, at)
                        .isEqualTo(Double.valueOf(expected[at]));
            }
            store.add(5);
            assertThat(store.get(COUNT)).isEqualTo(5);
            assertHolds(store, expected);
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void floatsAreRoundedOnce(Place place) {
        try (var store = new CellStore(false, place.files())) {
            for (var i = 0; i < COUNT; i++) {
                store.add(0.1 * i);
            }
            var row = new double[2];
            store.get(CellStore.BLOCK - 1, row);
            assertThat(row)
                    .containsExactly(
                            (float) (0.1 * (CellStore.BLOCK - 1)), (float) (0.1 * CellStore.BLOCK));
        }
    }

    private static void assertHolds(CellStore store, double[] expected) {
        var found = new double[expected.length];
        store.get(0, found);
        assertThat(found).isEqualTo(expected);
    }
}
