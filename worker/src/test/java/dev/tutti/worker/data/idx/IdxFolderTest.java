package dev.tutti.worker.data.idx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFolderTest {
    private final Arena arena = Arena.ofConfined();

    private final List<String> remarks = new ArrayList<>();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void trainAndTestFilesBecomeOneDatasetWithItsOwnTestSet() {
        write("train-images-idx3-ubyte", IdxFiles.images(3, 2, 2, 0));
        write("train-labels-idx1-ubyte.gz", IdxFiles.gzip(IdxFiles.labels(1, 0, 2)));
        write("t10k-images-idx3-ubyte.gz", IdxFiles.gzip(IdxFiles.images(2, 2, 2, 100)));
        write("t10k-labels-idx1-ubyte", IdxFiles.labels(3, 0));
        var dataset = open(folder);
        assertThat(dataset.name()).isEqualTo(folder.getFileName().toString());
        assertThat(dataset.sample()).isEqualTo(Shape.of(1, 2, 2));
        assertThat(dataset.count()).isEqualTo(5);
        assertThat(dataset.testCount()).isEqualTo(2);
        assertThat(dataset.features().bytes().toArray(JAVA_BYTE))
                .containsExactly(
                        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 100, 101, 102, 103, 104, 105, 106,
                        107);
        assertThat(dataset.targets().bytes().toArray(JAVA_INT)).containsExactly(1, 0, 2, 3, 0);
        assertThat(dataset.targets().names()).containsExactly("0", "1", "2", "3");
    }

    @Test
    void aFolderWithoutTestFilesHasNoTestSet() {
        writeTrain();
        assertThat(open(folder).testCount()).isZero();
    }

    @Test
    void eachMissingFileIsNamed() {
        assertRefused(
                "folder %s: expected a file train-images-idx3-ubyte or"
                        + " train-images-idx3-ubyte.gz in it, found none");
        write("train-images-idx3-ubyte", IdxFiles.images(3, 2, 2, 0));
        assertRefused(
                "folder %s: expected a file train-labels-idx1-ubyte or"
                        + " train-labels-idx1-ubyte.gz in it, found none");
        writeTrain();
        write("t10k-labels-idx1-ubyte", IdxFiles.labels(3, 0));
        assertRefused(
                "folder %s: expected a file t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz"
                        + " in it, found none");
    }

    @Test
    void anotherNumberOfLabelsThanImagesIsRefused() {
        write("train-images-idx3-ubyte", IdxFiles.images(3, 2, 2, 0));
        write("train-labels-idx1-ubyte", IdxFiles.labels(1, 0));
        assertRefused(
                "%1$s/train-labels-idx1-ubyte: it has 2 labels, but %1$s/train-images-idx3-ubyte"
                        + " has 3 images");
    }

    @Test
    void testImagesOfAnotherSizeAreRefused() {
        writeTrain();
        write("t10k-images-idx3-ubyte", IdxFiles.images(1, 4, 1, 0));
        write("t10k-labels-idx1-ubyte", IdxFiles.labels(1));
        assertRefused(
                "%1$s/t10k-images-idx3-ubyte: its images are 1×4×1, but those of"
                        + " %1$s/train-images-idx3-ubyte are 1×2×2");
    }

    @Test
    void aLabelWithoutAClassIsRefused() {
        writeTrain();
        assertThatThrownBy(() -> IdxFolder.read("x", folder, List.of("a", "b"), arena))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        folder
                                + "/train-labels-idx1-ubyte: label of sample 2 must be from 0 to 1,"
                                + " was 2");
    }

    @Test
    void aChoiceOfColumnsIsRefused() {
        writeTrain();
        var options =
                DataOptions.of(folder.toString(), Targets.Kind.LABELS).withTargets(List.of("y"));
        assertThatThrownBy(() -> new IdxFolder(remarks::add).open(options, arena))
                .hasMessageContaining("has no columns to choose from");
    }

    @Test
    void imagesAreOpenedWithTheLabelsBesideThem() throws IOException {
        writeTrain();
        var path = folder.resolve("train-images-idx3-ubyte");
        var options = DataOptions.of(path.toString(), Targets.Kind.LABELS);
        assertThat(new IdxImages().accepts(path.toString())).isTrue();
        var dataset = new IdxImages().open(options, arena);
        assertThat(dataset.count()).isEqualTo(3);
        assertThat(dataset.testCount()).isZero();
        assertThat(dataset.name()).isEqualTo("train-images-idx3-ubyte");

        Files.delete(folder.resolve("train-labels-idx1-ubyte"));
        assertThatThrownBy(() -> new IdxImages().open(options, arena))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        path
                                + ": expected its labels beside it in train-labels-idx1-ubyte or"
                                + " train-labels-idx1-ubyte.gz, found neither");
    }

    @Test
    void labelsFromOneHaveNoEmptyClassZero() {
        write("train.images.none", new byte[1]);
        write("train-images.idx3-ubyte", IdxFiles.images(3, 2, 2, 0));
        write("train-labels.idx1-ubyte", IdxFiles.labels(1, 3, 2));
        write("test-images-idx3-ubyte", IdxFiles.images(1, 2, 2, 0));
        write("test-labels-idx1-ubyte", IdxFiles.labels(3));
        var dataset = open(folder);
        assertThat(dataset.testCount()).isEqualTo(1);
        assertThat(dataset.targets().names()).containsExactly("1", "2", "3");
        assertThat(dataset.targets().bytes().toArray(JAVA_INT)).containsExactly(0, 2, 1, 2);
    }

    @Test
    void aModelsClassesKeepTheirPlacesWhereAnotherFileLacksSome() {
        write("train-images-idx3-ubyte", IdxFiles.images(2, 2, 2, 0));
        write("train-labels-idx1-ubyte", IdxFiles.labels(1, 2));
        var options = DataOptions.of(folder.toString(), Targets.Kind.LABELS);
        var kind = new IdxFolder(remarks::add);
        var known = options.withClasses(List.of("0", "1", "2", "3"));
        assertThat(kind.open(known, arena).targets().bytes().toArray(JAVA_INT))
                .containsExactly(1, 2);
        assertThatThrownBy(() -> kind.open(options.withClasses(List.of("2", "3")), arena))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith("label of sample 0 must be from 2 to 3, was 1");
    }

    @Test
    void aSetAmongSeveralIsNamedAndEmnistIsTransposedWithItsCharacters() {
        writeTrain();
        var images = IdxFiles.images(2, 2, 3, 0);
        write("emnist-letters-train-images-idx3-ubyte.gz", IdxFiles.gzip(images));
        write("emnist-letters-train-labels-idx1-ubyte.gz", IdxFiles.gzip(IdxFiles.labels(2, 1)));
        write("emnist-letters-mapping.txt", "1 65 97\n2 66 98\n".getBytes(US_ASCII));
        assertRefused(
                "folder %1$s has several sets: give one of them, which needs a folder of its own,"
                        + " %1$s/emnist-letters");
        var dataset = open(folder.resolve("emnist-letters"));
        assertThat(dataset.name()).isEqualTo("emnist-letters");
        assertThat(dataset.sample()).isEqualTo(Shape.of(1, 3, 2));
        assertThat(dataset.features().bytes().toArray(JAVA_BYTE))
                .containsExactly(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11);
        assertThat(dataset.targets().names()).containsExactly("Aa", "Bb");
        assertThat(dataset.targets().bytes().toArray(JAVA_INT)).containsExactly(1, 0);
        assertThat(remarks)
                .containsExactly(
                        folder
                                + "/emnist-letters: EMNIST's images lie on their side, and were"
                                + " transposed");
        write("emnist-letters-mapping.txt", "1 65 97\n3 66 98\n".getBytes(US_ASCII));
        assertThatThrownBy(() -> open(folder.resolve("emnist-letters")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("emnist-letters-mapping.txt: line 2: expected a label");
    }

    private void writeTrain() {
        write("train-images-idx3-ubyte", IdxFiles.images(3, 2, 2, 0));
        write("train-labels-idx1-ubyte", IdxFiles.labels(1, 0, 2));
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(DataException.class)
                .hasMessage(message.formatted(folder));
    }

    private Dataset open(Path source) {
        return new IdxFolder(remarks::add)
                .open(DataOptions.of(source.toString(), Targets.Kind.LABELS), arena);
    }

    private void write(String name, byte[] content) {
        IdxFiles.write(folder, name, content);
    }
}
