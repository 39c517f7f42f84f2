package dev.tutti.worker.data.numpy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.vector.Floats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is what is read. */
class NpzWriterTest {
    private static final long SEED = Long.getLong("tutti.npz.seed", 20_261_129);

    @TempDir private Path folder;

    @Test
    void numbersAreReadAsTheyWereWritten() throws IOException {
        var random = new Random(SEED);
        var floats = new float[6 * 7_001];
        var doubles = new double[20_000];
        var wholes = new long[3];
        for (var i = 0; i < floats.length; i++) {
            floats[i] = random.nextFloat();
        }
        for (var i = 0; i < doubles.length; i++) {
            doubles[i] = random.nextGaussian();
        }
        for (var i = 0; i < wholes.length; i++) {
            wholes[i] = random.nextInt();
        }
        var file = folder.resolve("a.npz");
        try (var out = Files.newOutputStream(file);
                var npz = new NpzWriter(out)) {
            npz.floats("f", List.of(7_001, 6), Floats.of(Arena.ofAuto(), floats));
            npz.doubles("d", doubles);
            npz.wholes("w", wholes);
        }
        try (var store = NpzArchive.open(file)) {
            assertThat(store.names()).containsExactly("f", "d", "w");
            assertThat(store.array("f").header().shape()).containsExactly(7_001, 6);
            assertThat(store.array("f").header().bytes() % 64).isZero();
            var read = new float[floats.length];
            store.array("f").read((index, value) -> read[(int) index] = (float) value);
            assertThat(read).as("seed %d", SEED).isEqualTo(floats);
            var others = new ArrayList<Double>();
            store.array("d").read((_, value) -> others.add(value));
            assertThat(others).as("seed %d", SEED).hasSize(20_000).startsWith(doubles[0]);
            assertThat(others.getLast()).isEqualTo(doubles[doubles.length - 1]);
            others.clear();
            store.array("w").read((_, value) -> others.add(value));
            assertThat(others)
                    .containsExactly((double) wholes[0], (double) wholes[1], (double) wholes[2]);
        }
    }

    @Test
    void textsArePaddedToTheLongestAndTheSameBytesAreWrittenAgain() throws IOException {
        var texts = List.of("é", "", "a😀c");
        var once = written(texts);
        assertThat(written(texts)).isEqualTo(once);
        var file = Files.write(folder.resolve("t.npz"), once);
        try (var zip = new ZipFile(file.toFile());
                var in = zip.getInputStream(zip.getEntry("t.npy"))) {
            var bytes = in.readAllBytes();
            var header = new String(bytes, 10, 118, StandardCharsets.ISO_8859_1);
            assertThat(header)
                    .startsWith("{'descr': '<U3', 'fortran_order': False, 'shape': (3,), }");
            assertThat(new String(bytes, 128, bytes.length - 128, StandardCharsets.UTF_32LE))
                    .isEqualTo("é\0\0\0\0\0a😀c");
        }
    }

    private static byte[] written(List<String> texts) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var npz = new NpzWriter(out)) {
            npz.texts("t", texts);
        }
        return out.toByteArray();
    }
}
