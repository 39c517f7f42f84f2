package dev.tutti.worker.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Standardization;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.DataSources;
import dev.tutti.worker.data.SourceExample;
import dev.tutti.worker.data.folder.ImageFiles;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.matrix.NumpyFiles;
import dev.tutti.worker.data.parquet.ParquetFileTest;
import dev.tutti.worker.data.table.CsvHeader;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** New samples for a model, of each kind of source. */
class NewSamplesTest {
    private final Arena arena = Arena.ofAuto();
    private final List<String> remarks = new ArrayList<>();
    private final Path none = Path.of("none");

    @TempDir private Path folder;

    static List<Named<SourceExample.Maker>> examples() {
        return SourceExample.all();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void newSamplesAreThoseOfTheDatasetAsTrainingHadThem(SourceExample.Maker maker) {
        var example = maker.in(folder);
        var dataset = example.kind().open(example.options(), arena);
        var width = dataset.sample().size();
        var measured = Standardization.of(dataset, IntStream.range(0, dataset.count()).toArray());
        var coding = new FeatureCoding(numbers(dataset.featureNames()), Optional.of(measured));
        var options =
                example.options()
                        .withCoding(Coding.STANDARD.with(coding))
                        .withSample(dataset.sample());
        var samples = example.kind().samples(options, List.of(), arena);
        assertThat(example.kind().acceptsSamples(example.source())).isTrue();
        var expected = measured.apply(dataset, arena).features().bytes();
        // Of a dataset with its own test set, that; of a file that is named, all of it.
        var first =
                samples.count() == dataset.testCount() ? dataset.count() - dataset.testCount() : 0;
        var from = (long) first * width;
        assertThat(floats(samples, width))
                .isEqualTo(
                        Floats.toArray(
                                Floats.slice(expected, from, (long) samples.count() * width)));
        assertThatThrownBy(() ->
                        example.kind()
                                .samples(options.withSample(Shape.of(width + 1)), List.of(), arena))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(Integer.toString(width + 1));
    }

    @Test
    void inputsOfArraysNeedNoTargets() {
        var file = NumpyFiles.write(folder, "new.npy", "<f4", "3, 2", 1, 2, 3, 4, 5, 6);
        assertThat(floats(samples(file, FeatureCoding.NONE, Shape.of(2), List.of()), 2))
                .containsExactly(1, 2, 3, 4, 5, 6);
        assertThatThrownBy(() -> samples(file, FeatureCoding.NONE, Shape.of(3), List.of()))
                .hasMessage(
                        "%s: array new has samples of 2, the model takes 3: give as many numbers a sample as it was trained with",
                        file);
        assertThatThrownBy(() -> samples(file, FeatureCoding.NONE, Shape.of(2), List.of("id")))
                .hasMessageContaining("has no columns with names: leave out --keep id");
        assertThatThrownBy(() -> samples(file, FeatureCoding.NONE, Shape.of(1, 2, 1), List.of()))
                .hasMessageContaining(
                        "write them as arrays of that shape, such as with numpy.reshape");
    }

    @Test
    void ofSeveralArraysTheOneForTestingIsTaken() {
        var file = NumpyFiles.archive(folder, "a.npz", List.of("x_train", "x_test", "y_train"));
        assertThat(floats(samples(file, FeatureCoding.NONE, Shape.of(1), List.of()), 1))
                .containsExactly(1, 2);
        assertThat(remarks).containsExactly("a.npz: array x_test is predicted");
        var other = NumpyFiles.archive(folder, "b.npz", List.of("p", "q"));
        assertThatThrownBy(() -> samples(other, FeatureCoding.NONE, Shape.of(1), List.of()))
                .hasMessageContaining(
                        "expected one array of inputs, named such as x, x_test or images; found p, q");
    }

    @Test
    void columnsOfAnArrayAreTakenByTheirPlaceOrNumber() {
        var coding = new FeatureCoding(numbers(List.of("2", "3")), Optional.empty());
        var wide = NumpyFiles.write(folder, "wide.npy", "<f8", "2, 3", 7, 1, 2.5, 8, 3, 4);
        var kept = samples(wide, coding, Shape.of(2), List.of("1", "3"));
        assertThat(floats(kept, 2)).containsExactly(1, 2.5f, 3, 4);
        assertThat(kept.kept()).containsExactly(List.of("7", "2.5"), List.of("8", "4"));
        var bare = NumpyFiles.write(folder, "bare.npy", "<f8", "2, 2", 1, 2.5, 3, 4);
        assertThat(floats(samples(bare, coding, Shape.of(2), List.of()), 2))
                .containsExactly(1, 2.5f, 3, 4);
        var named = new FeatureCoding(numbers(List.of("a", "b")), Optional.empty());
        assertThatThrownBy(() -> samples(wide, named, Shape.of(2), List.of()))
                .hasMessage(
                        "%s: array wide has samples of 3, the model takes 2: give the columns that it was trained with, a, b",
                        wide);
        assertThatThrownBy(() -> samples(wide, words("a", "b"), Shape.of(3), List.of()))
                .hasMessageContaining(
                        "array wide has numbers only, but the model was trained with words in column b");
    }

    @Test
    void imagesNeedNoLabels() {
        var images = IdxFiles.images(2, 2, 2, 0);
        var file = IdxFiles.write(folder, "new-images-idx3-ubyte", images);
        var alone = samples(file, FeatureCoding.NONE, Shape.of(1, 2, 2), List.of());
        assertThat(floats(alone, 4)).startsWith(0, 1 / 255f, 2 / 255f, 3 / 255f).hasSize(8);
        var set = IdxFiles.folder(folder, "set");
        var test = IdxFiles.write(set, "emnist-letters-test-images-idx3-ubyte", images);
        for (var place : List.of(set, set.resolve("emnist-letters"))) {
            remarks.clear();
            var lying = samples(place, FeatureCoding.NONE, Shape.of(1, 2, 2), List.of());
            assertThat(floats(lying, 4)).startsWith(0, 2 / 255f, 1 / 255f, 3 / 255f);
            assertThat(remarks).containsExactly("the images of %s are predicted".formatted(test));
        }
        assertThatThrownBy(() -> samples(file, FeatureCoding.NONE, Shape.of(1, 3, 3), List.of()))
                .hasMessageEndingWith(
                        "samples of 1×2×2, the model takes 1×3×3: resize them to 3×3");
    }

    @Test
    void picturesNeedNoClassesAndGetTheFormOfTheModel() {
        var first = ImageFiles.grey(folder, "a.png", "png", 1, 2, 10, 20);
        var second = ImageFiles.grey(folder, "b.png", "png", 2, 4, 1, 1, 3, 3, 1, 1, 3, 3);
        var all = samples(folder, FeatureCoding.NONE, Shape.of(3, 1, 2), List.of("file"));
        assertThat(floats(all, 6))
                .containsExactly(
                        10 / 255f, 20 / 255f, 10 / 255f, 20 / 255f, 10 / 255f, 20 / 255f, 1 / 255f,
                        3 / 255f, 1 / 255f, 3 / 255f, 1 / 255f, 3 / 255f);
        assertThat(all.kept())
                .containsExactly(List.of(first.toString()), List.of(second.toString()));
        assertThat(remarks).containsExactly(folder + ": all images were resized to 1x2");
        remarks.clear();
        var one = samples(first, FeatureCoding.NONE, Shape.of(1, 1, 2), List.of());
        assertThat(floats(one, 2)).containsExactly(10 / 255f, 20 / 255f);
        assertThat(remarks).isEmpty();
        var coloured = ImageFiles.colours(folder, "c.png", "png", 1, 2, 0x010203, 0);
        assertThatThrownBy(
                        () -> samples(coloured, FeatureCoding.NONE, Shape.of(1, 1, 2), List.of()))
                .hasMessageEndingWith("make the images grey, or train on images with colours");
        assertThatThrownBy(
                        () -> samples(folder, FeatureCoding.NONE, Shape.of(3, 1, 2), List.of("id")))
                .hasMessageContaining("is images, whose one column is \"file\": give --keep file");
    }

    @Test
    void sparseRowsNeedNoLabelAndMayHaveOtherIndices() {
        var file = IdxFiles.write(folder, "t.libsvm", "2:5 9:1\n-1 1:7\n".getBytes(UTF_8));
        var coding = new FeatureCoding(numbers(List.of("1", "2", "3")), Optional.empty());
        assertThat(floats(samples(file, coding, Shape.of(3), List.of()), 3))
                .containsExactly(0, 5, 0, 7, 0, 0);
        assertThat(floats(samples(file, FeatureCoding.NONE, Shape.of(4), List.of()), 4))
                .containsExactly(0, 5, 0, 0, 7, 0, 0, 0);
    }

    @Test
    void columnsOfAParquetFileAreTakenByTheirNames() {
        var file = IdxFiles.write(folder, "t.parquet", ParquetFileTest.written("snappy.parquet"));
        var coding = new FeatureCoding(numbers(List.of("i8", "f4")), Optional.empty());
        var kept = samples(file, coding, Shape.of(2), List.of("y", "d", "u4"));
        assertThat(floats(kept, 2)).startsWith(0, 0.5f, -1, 1.5f, -2, 2.5f);
        assertThat(kept.kept())
                .startsWith(
                        List.of("dog", "0.25", "4000000000"), List.of("cat", "1.25", "4000000256"));
        var other = new FeatureCoding(numbers(List.of("i8", "f5")), Optional.empty());
        assertThatThrownBy(() -> samples(file, other, Shape.of(2), List.of()))
                .hasMessageContaining("it has no column \"f5\"; it has f4, f8,");
    }

    @Test
    void dataWithoutColumnsCarriesNoneThroughAndIsNoText() {
        assertThatThrownBy(() ->
                        sources()
                                .samples(
                                        options("digits", FeatureCoding.NONE, Shape.of(1, 8, 8)),
                                        List.of("id"),
                                        arena))
                .hasMessage("data \"digits\" has no columns with names: leave out --keep id");
        assertThatThrownBy(() ->
                        sources()
                                .samples(
                                        options("digits", FeatureCoding.NONE, Shape.of(1, 8, 8))
                                                .withHeader(CsvHeader.NONE),
                                        List.of(),
                                        arena))
                .hasMessageContaining("is no table of text: leave out --header");
        assertThatThrownBy(() ->
                        sources()
                                .samples(
                                        options("none.bin", FeatureCoding.NONE, Shape.of(1)),
                                        List.of(),
                                        arena))
                .hasMessageContaining("no data \"none.bin\"");
    }

    private DataSources sources() {
        return DataSources.standard(none, (_, _, _) -> {}, remarks::add);
    }

    private NewSamples samples(Path source, FeatureCoding coding, Shape shape, List<String> keep) {
        return sources().samples(options(source.toString(), coding, shape), keep, arena);
    }

    private static DataOptions options(String source, FeatureCoding coding, Shape shape) {
        return DataOptions.of(source, TargetKind.VALUES)
                .withCoding(Coding.STANDARD.with(coding))
                .withSample(shape);
    }

    private static float[] floats(NewSamples samples, int width) {
        var out = Floats.allocate(Arena.ofAuto(), (long) samples.count() * width);
        samples.gather(0, samples.count(), out);
        return Floats.toArray(out);
    }

    private static FeatureCoding words(String number, String words) {
        return new FeatureCoding(
                List.of(
                        new ColumnCoding.Numbers(number, OptionalDouble.empty()),
                        new ColumnCoding.OneHot(words, List.of("u", "v"), OptionalInt.empty())),
                Optional.empty());
    }

    private static List<ColumnCoding> numbers(List<String> names) {
        return names.stream()
                .<ColumnCoding>map(name -> new ColumnCoding.Numbers(name, OptionalDouble.empty()))
                .toList();
    }
}
