package dev.tutti.worker.data.matrix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.TargetKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that NumPy wrote, by the script files.py beside them, and files made here. */
class NumpyFileTest {
    private final Arena arena = Arena.ofAuto();
    private final List<String> remarks = new ArrayList<>();

    @TempDir private Path folder;

    /** Each holds 0 to 11 in four rows of three. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "f2",
                "f4",
                "f8",
                "i1",
                "i2",
                "i4",
                "i8",
                "u1",
                "u2",
                "u4",
                "u8",
                "fortran",
                "version2",
                "version3"
            })
    void aTableOfAnyTypeHasItsTargetInTheLastColumn(String name) {
        var dataset = open(written(name + ".npy"), TargetKind.VALUES);
        assertThat(dataset.name()).isEqualTo(name + ".npy");
        assertThat(dataset.featureNames()).containsExactly("1", "2");
        assertThat(features(dataset)).containsExactly(0, 1, 3, 4, 6, 7, 9, 10);
        assertThat(values(dataset)).containsExactly(2, 5, 8, 11);
        assertThat(remarks)
                .containsExactly(
                        name + ".npy: columns are named by their number, from 1",
                        name + ".npy: target 3: real values");
    }

    @Test
    void aLargeArrayOfFloatsIsMapped() throws IOException {
        var file = large(1 << 26);
        Files.write(folder.resolve("y.npy"), NumpyFiles.array("|u1", "4", 0, 1, 0, 1));
        var dataset = open(file, TargetKind.BY_VALUES);
        var bytes = dataset.features().bytes();
        assertThat(bytes.isMapped()).isTrue();
        assertThat(bytes.byteSize()).isEqualTo(1 << 26);
        assertThat(Floats.get(bytes, 0)).isZero();
        assertThat(Floats.get(bytes, (1 << 24) - 1)).isEqualTo(1.5f);
        assertThat(dataset.sample()).isEqualTo(Shape.of(1 << 22));
    }

    @Test
    void aNumberOfALargeArrayThatIsNotFiniteIsNamed() throws IOException {
        var file = large(1 << 26);
        Files.write(folder.resolve("y.npy"), NumpyFiles.array("|u1", "4", 0, 1, 0, 1));
        write(file, 128 + 4L * (3 * (1 << 22) + 5), Float.NaN);
        assertThatThrownBy(() -> open(file, TargetKind.BY_VALUES))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("element 5 of sample 3 is NaN");
    }

    /** Writes four samples of zeros, of which only the last number takes room on the disk. */
    private Path large(int bytes) throws IOException {
        var text =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (4, %d), }"
                        .formatted(bytes / 16);
        var header = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        header.put("\u0093NUMPY\1\0".getBytes(ISO_8859_1)).putShort((short) 118);
        header.put(text.getBytes(ISO_8859_1));
        while (header.position() < 127) {
            header.put((byte) ' ');
        }
        var file = Files.write(folder.resolve("x.npy"), header.put((byte) '\n').array());
        write(file, 128L + bytes - 4, 1.5f);
        return file;
    }

    private static void write(Path file, long at, float number) throws IOException {
        try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            out.write(
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(number).flip(),
                    at);
        }
    }

    @Test
    void truthValuesAreZeroAndOne() {
        var dataset = open(written("bool.npy"), TargetKind.BY_VALUES);
        assertThat(features(dataset)).containsExactly(0, 1, 1, 0, 0, 1, 1, 0);
        assertThat(labels(dataset)).containsExactly(0, 1, 0, 1);
        assertThat(remarks.getLast())
                .isEqualTo(
                        "bool.npy: target 3: 2 classes (0, 1); --task regression for real values");
    }

    @Test
    void columnsOfATableAreChosenByTheirNumber() {
        var options =
                DataOptions.of(written("i4.npy").toString(), TargetKind.BY_VALUES)
                        .withFeatures(List.of("3"))
                        .withTargets(List.of("2", "1"));
        var dataset = source().open(options, arena);
        assertThat(features(dataset)).containsExactly(2, 5, 8, 11);
        assertThat(values(dataset)).containsExactly(1, 0, 4, 3, 7, 6, 10, 9);
        assertThat(dataset.targets().names()).containsExactly("2", "1");
        for (var wrong : List.of("4", "0", "x")) {
            assertThatThrownBy(() -> source().open(options.withTargets(List.of(wrong, "2")), arena))
                    .isInstanceOf(DataException.class)
                    .hasMessageEndingWith(
                            "array i4 has no column \"%s\": its columns are 1 to 3", wrong);
        }
        assertThatThrownBy(() -> source().open(options.withTargets(List.of("3")), arena))
                .hasMessageEndingWith(
                        "array i4 is 4×3: expected features besides the targets [3], and each"
                                + " column once");
    }

    @Test
    void anArchiveOfImagesHasItsTestSetAndChannelsComeFirst() {
        var dataset = open(written("keras.npz"), TargetKind.CLASSES);
        assertThat(dataset.sample()).isEqualTo(Shape.of(3, 5, 6));
        assertThat(dataset.count()).isEqualTo(4);
        assertThat(dataset.testCount()).isEqualTo(1);
        assertThat(dataset.features()).isInstanceOf(Features.Bytes.class);
        var bytes = dataset.features().bytes().toArray(JAVA_BYTE);
        for (var i = 0; i < bytes.length; i++) {
            var row = i / 90;
            var channel = i / 30 % 3;
            var pixel = i % 30;
            assertThat(bytes[i]).isEqualTo((byte) (row * 90 + pixel * 3 + channel));
        }
        assertThat(dataset.targets().names()).containsExactly("1", "2", "4");
        assertThat(labels(dataset)).containsExactly(1, 0, 1, 2);
        assertThat(remarks)
                .containsExactly(
                        "keras.npz: x_train and y_train train; x_test and y_test test",
                        "keras.npz: samples of 3×5×6: channels are last and were put first, bytes"
                                + " stand for value / 255",
                        "keras.npz: target y_train: 3 classes (1, 2, 4)");
    }

    @Test
    void anArchiveInColumnOrderIsReadInRowOrder() {
        var dataset = open(written("fortran.npz"), TargetKind.BY_VALUES);
        assertThat(features(dataset)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(dataset.targets().names()).containsExactly("-1", "1");
        assertThat(labels(dataset)).containsExactly(0, 1, 0, 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "objects | its elements are Python objects, which need Python to be read (|O),",
                "records | its elements are records of several fields ([('a', '<f4'), ('b',",
                "words | its elements are text (<U3), expected numbers: number the words with",
                "complex | its elements are complex numbers (<c8), expected numbers: save it with",
            },
            quoteCharacter = '"')
    void elementsThatAreNoNumbersAreRefusedInWords(String name, String message) {
        assertThatThrownBy(() -> open(written(name + ".npy"), TargetKind.BY_VALUES))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("%s.npy: array %s: %s", name, name, message);
    }

    @Test
    void targetsLieBesideTheInputs() throws IOException {
        NumpyFiles.write(folder, "X_train.npy", "<f4", "3, 2", 1, 2, 3, 4, 5, 6);
        var inputs = folder.resolve("X_train.npy");
        assertThatThrownBy(() -> open(inputs, TargetKind.BY_VALUES))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith(
                        "array X_train is 3×2 and has no targets: expected them under a name such"
                                + " as y_train, Y_train, labels_train, or in columns of a table,"
                                + " named with --targets");
        NumpyFiles.write(folder, "y_train.npy", "<f4", "3", 0.5, 1.5, 2.5);
        assertThat(values(open(inputs, TargetKind.BY_VALUES))).containsExactly(0.5f, 1.5f, 2.5f);
        NumpyFiles.write(folder, "X_test.npy", "<f4", "1, 2", 7, 8);
        assertThatThrownBy(() -> open(inputs, TargetKind.BY_VALUES))
                .hasMessageEndingWith(
                        "it has X_test without its counterpart: a test set needs inputs and"
                                + " targets");
        NumpyFiles.write(folder, "y_test.npy", "<f4", "1", 3.5);
        var dataset = open(inputs, TargetKind.BY_VALUES);
        assertThat(dataset.testCount()).isEqualTo(1);
        assertThat(values(dataset)).containsExactly(0.5f, 1.5f, 2.5f, 3.5f);
        Files.delete(folder.resolve("y_train.npy"));
        assertThatThrownBy(() -> open(inputs, TargetKind.BY_VALUES))
                .hasMessageContaining("X_train is 3×2 and has no targets");
    }

    @Test
    void oneHotRowsAreClassesAndOtherRowsAreSeveralTargets() {
        NumpyFiles.write(folder, "x.npy", "<f4", "3", 1, 2, 3);
        NumpyFiles.write(folder, "y.npy", "<f4", "3, 2", 0, 1, 1, 0, 0, 1);
        var path = folder.resolve("x.npy");
        assertThat(labels(open(path, TargetKind.BY_VALUES))).containsExactly(1, 0, 1);
        assertThat(values(open(path, TargetKind.VALUES))).containsExactly(0, 1, 1, 0, 0, 1);
        NumpyFiles.write(folder, "y.npy", "<f4", "3, 2", 0, 1, 1, 1, 0, 1);
        var dataset = open(path, TargetKind.BY_VALUES);
        assertThat(dataset.sample()).isEqualTo(Shape.of(1));
        assertThat(dataset.targets().names()).containsExactly("y_1", "y_2");
        assertThatThrownBy(() -> open(path, TargetKind.CLASSES))
                .hasMessageContaining("targets y_1, y_2 of sample 1 are not one-hot");
    }

    @Test
    void classesOfAModelKeepTheirOrderAndOthersAreRefused() {
        NumpyFiles.write(folder, "x.npy", "<f4", "2", 1, 2);
        NumpyFiles.write(folder, "y.npy", "|i1", "2", 7, 5);
        var options =
                DataOptions.of(folder.resolve("x.npy").toString(), TargetKind.CLASSES)
                        .withClasses(List.of("5", "6", "7"));
        assertThat(labels(source().open(options, arena))).containsExactly(2, 0);
        assertThatThrownBy(() -> source().open(options.withClasses(List.of("5", "6")), arena))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith(
                        "target y of sample 0 is 7.0: expected one of the classes 5, 6");
    }

    @Test
    void numbersThatAreNoFiniteFloatsAreNamedWithTheirPlace() {
        NumpyFiles.write(folder, "x.npy", "<f8", "2, 2", 1, 2, 3, 1e300);
        NumpyFiles.write(folder, "y.npy", "<f8", "2", 0.5, 1);
        assertThatThrownBy(() -> open(folder.resolve("x.npy"), TargetKind.BY_VALUES))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("x.npy: array x: element 1 of sample 1 is 1.0E300, expected");
        assertThatThrownBy(() -> open(folder.resolve("x.npy"), TargetKind.CLASSES))
                .hasMessageContaining("target y of sample 0 is 0.5: a class is a whole number");
        NumpyFiles.write(folder, "y.npy", "<f8", "2", 0.5, Double.NaN);
        assertThatThrownBy(() -> open(folder.resolve("x.npy"), TargetKind.BY_VALUES))
                .hasMessageContaining("target y of sample 1 is NaN: expected");
    }

    @Test
    void anotherNumberOfTargetsThanSamplesIsRefused() {
        NumpyFiles.write(folder, "x.npy", "<f8", "2, 2", 1, 2, 3, 4);
        NumpyFiles.write(folder, "y.npy", "<f8", "3", 0, 1, 1);
        assertThatThrownBy(() -> open(folder.resolve("x.npy"), TargetKind.BY_VALUES))
                .hasMessageEndingWith(
                        "array x is 2×2 and array y is 3: expected the same number of samples");
    }

    @Test
    void aHeaderThatAnnouncesMoreThanTheFileHoldsIsRefused() {
        NumpyFiles.write(folder, "t.npy", "<f8", "2, 2000000000", 1, 2, 3, 4);
        assertThatThrownBy(() -> open(folder.resolve("t.npy"), TargetKind.BY_VALUES))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith(
                        "array t: 32 bytes follow its header, which announces 2×2000000000 elements"
                                + " of 8: it is truncated or damaged");
    }

    @Test
    void anArchiveWithoutPairsIsRefusedWithWhatItHas() {
        var path = NumpyFiles.archive(folder, "z.npz", List.of("a", "b"));
        assertThatThrownBy(() -> open(path, TargetKind.BY_VALUES))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found a, b: name two with --features and --targets");
        var options =
                DataOptions.of(path.toString(), TargetKind.VALUES)
                        .withFeatures(List.of("b"))
                        .withTargets(List.of("a"));
        assertThat(values(source().open(options, arena))).containsExactly(1, 2);
        assertThatThrownBy(() -> source().open(options.withTargets(List.of("c")), arena))
                .hasMessageEndingWith("it has no array \"c\"; it has a, b");
    }

    private Dataset open(Path path, TargetKind kind) {
        remarks.clear();
        return source().open(DataOptions.of(path.toString(), kind), arena);
    }

    private NumpyFile source() {
        return new NumpyFile(remarks::add);
    }

    private static float[] features(Dataset dataset) {
        return Floats.toArray(dataset.features().bytes());
    }

    private static float[] values(Dataset dataset) {
        assertThat(dataset.targets()).isInstanceOf(Targets.Values.class);
        return Floats.toArray(dataset.targets().bytes());
    }

    private static int[] labels(Dataset dataset) {
        assertThat(dataset.targets()).isInstanceOf(Targets.Labels.class);
        return dataset.targets().bytes().toArray(JAVA_INT);
    }

    private static Path written(String name) {
        try {
            var resource = NumpyFileTest.class.getResource("/dev/tutti/worker/data/numpy/" + name);
            return Path.of(Objects.requireNonNull(resource, name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
