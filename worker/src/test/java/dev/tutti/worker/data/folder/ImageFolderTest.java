package dev.tutti.worker.data.folder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.TargetKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {
    private final Arena arena = Arena.ofAuto();
    private final List<String> remarks = new ArrayList<>();

    @TempDir private Path folder;

    @Test
    void classesAndImagesAreInTheOrderOfTheirNames() {
        ImageFiles.grey(folder, "b/2.png", "png", 1, 2, 20, 21);
        ImageFiles.grey(folder, "b/10.png", "png", 1, 2, 100, 101);
        ImageFiles.grey(folder, "a/deep/x.png", "png", 1, 2, 30, 31);
        ImageFiles.grey(folder, "B/y.png", "png", 1, 2, 40, 41);
        // A character beyond 16 bits comes after all others, though its first half is smaller.
        ImageFiles.grey(folder, "\ud83d\ude00/1.png", "png", 1, 2, 60, 61);
        ImageFiles.grey(folder, "\uff21/1.png", "png", 1, 2, 50, 51);
        var dataset = open(folder.toString());
        assertThat(dataset.sample()).isEqualTo(Shape.of(1, 1, 2));
        assertThat(dataset.testCount()).isZero();
        assertThat(dataset.targets().names())
                .containsExactly("B", "a", "b", "\uff21", "\ud83d\ude00");
        assertThat(labels(dataset)).containsExactly(0, 1, 2, 2, 3, 4);
        assertThat(bytes(dataset))
                .containsExactly(40, 41, 30, 31, 100, 101, 20, 21, 50, 51, 60, 61);
        assertThat(remarks).isEmpty();
    }

    @Test
    void trainAndTestAreTwoFolders() throws IOException {
        ImageFiles.grey(folder, "train/a/1.png", "png", 1, 1, 1);
        ImageFiles.grey(folder, "train/b/1.png", "png", 1, 1, 2);
        ImageFiles.grey(folder, "test/b/1.png", "png", 1, 1, 3);
        ImageFiles.grey(folder, "other/c/1.png", "png", 1, 1, 4);
        Files.createFile(folder.resolve("train/a/notes.txt"));
        Files.createFile(folder.resolve("train/a/.DS_Store"));
        var dataset = open(folder.toString());
        assertThat(dataset.count()).isEqualTo(3);
        assertThat(dataset.testCount()).isEqualTo(1);
        assertThat(labels(dataset)).containsExactly(0, 1, 1);
        assertThat(bytes(dataset)).containsExactly(1, 2, 3);
        assertThat(remarks)
                .containsExactly(
                        "%1$s: left out, as no images of a class: %1$s/other, %1$s/train/a/notes.txt"
                                .formatted(folder));
        ImageFiles.grey(folder, "test/c/1.png", "png", 1, 1, 5);
        assertRefused("%s/test/c/1.png: its folder is none of the classes a, b".formatted(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif"})
    void coloursAreThreePlanes(String form) {
        ImageFiles.colours(folder, "a/1." + form, form, 1, 2, 0x010203, 0xfffefd);
        ImageFiles.colours(folder, "b/1." + form, form, 1, 2, 0x000000, 0x808182);
        var dataset = open(folder.toString());
        assertThat(dataset.sample()).isEqualTo(Shape.of(3, 1, 2));
        assertThat(bytes(dataset)).containsExactly(1, 255, 2, 254, 3, 253, 0, 128, 0, 129, 0, 130);
    }

    @Test
    void aGreyImageAmongColoursHasThreeEqualPlanes() {
        ImageFiles.grey(folder, "a/1.png", "png", 1, 2, 7, 9);
        ImageFiles.colours(folder, "b/1.png", "png", 1, 2, 0x010203, 0x040506);
        var dataset = open(folder.toString());
        assertThat(bytes(dataset)).containsExactly(7, 9, 7, 9, 7, 9, 1, 4, 2, 5, 3, 6);
    }

    @Test
    void aGreyJpegIsReadAsItIsStored() {
        var flat = new int[64];
        Arrays.fill(flat, 100);
        ImageFiles.grey(folder, "a/1.jpg", "jpeg", 8, 8, flat);
        Arrays.fill(flat, 200);
        ImageFiles.grey(folder, "b/1.jpeg", "jpeg", 8, 8, flat);
        var bytes = bytes(open(folder.toString()));
        assertThat(Arrays.stream(bytes).limit(64)).containsOnly(100);
        assertThat(Arrays.stream(bytes).skip(64)).containsOnly(200);
    }

    @Test
    void imagesOfTwoSizesNeedASizeForAll() {
        ImageFiles.grey(folder, "a/1.png", "png", 2, 2, 10, 20, 30, 40);
        ImageFiles.grey(folder, "b/1.png", "png", 1, 3, 1, 2, 3);
        assertRefused(
                ("%1$s/b/1.png: an image of 1x3 was found, but %1$s/a/1.png is 2x2: give --data"
                                + " %1$s@ROWSxCOLUMNS, such as %1$s@32x32, to resize all images")
                        .formatted(folder));
        var dataset = open(folder + "@1x2");
        assertThat(dataset.name()).isEqualTo(folder.getFileName().toString());
        assertThat(dataset.sample()).isEqualTo(Shape.of(1, 1, 2));
        // (10+30)/2, (20+40)/2; then (2·1+2)/3 and (2+2·3)/3, rounded.
        assertThat(bytes(dataset)).containsExactly(20, 30, 1, 3);
        assertThat(remarks).containsExactly(folder + ": all images were resized to 1x2");
    }

    @Test
    void aDamagedImageIsRefusedByName() throws IOException {
        ImageFiles.grey(folder, "a/1.png", "png", 2, 2, 10, 20, 30, 40);
        var other = folder.resolve("a/2.png");
        Files.writeString(other, "no image");
        assertRefused(other + ": it is no image in PNG, JPEG, BMP or GIF form");
        Files.write(other, Arrays.copyOf(Files.readAllBytes(folder.resolve("a/1.png")), 40));
        assertRefused(other + ": the image is damaged, or of a kind that is not read:");
    }

    @Test
    void aTruncatedJpegIsRefused() throws IOException {
        var noise = new int[64 * 64];
        for (var i = 0; i < noise.length; i++) {
            noise[i] = i * 97 % 256;
        }
        var path = ImageFiles.grey(folder, "a/1.jpg", "jpeg", 64, 64, noise);
        var whole = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(whole, whole.length * 2 / 3));
        assertRefused(path + ": the image is damaged");
    }

    @Test
    void formsThatAreNotReadAndFoldersWithoutImagesAreNamed() throws IOException {
        var other = folder.resolve("a/1.webp");
        Files.createDirectories(other.getParent());
        assertRefused(
                "folder %s/a: expected images in PNG, JPEG, BMP or GIF form, found none"
                        .formatted(folder));
        Files.createFile(other);
        assertRefused(other + ": expected an image in PNG, JPEG, BMP or GIF form: convert it");
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> open(folder.toString()))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(message);
    }

    private Dataset open(String source) {
        remarks.clear();
        var kind = new ImageFolder(remarks::add);
        assertThat(kind.accepts(source)).isTrue();
        return kind.open(DataOptions.of(source, TargetKind.CLASSES), arena);
    }

    private static int[] labels(Dataset dataset) {
        return dataset.targets().bytes().toArray(JAVA_INT);
    }

    private static int[] bytes(Dataset dataset) {
        var bytes = dataset.features().bytes().toArray(JAVA_BYTE);
        var values = new int[bytes.length];
        for (var i = 0; i < bytes.length; i++) {
            values[i] = Byte.toUnsignedInt(bytes[i]);
        }
        return values;
    }
}
