package dev.tutti.worker.data.idx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.SourceFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxTest {
    private static final byte[] IMAGES = IdxFiles.images(2, 3, 4, 250);

    private final Arena arena = Arena.ofConfined();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void headerAndItemsAreReadPlainAndGzipped() {
        for (var packing : List.<UnaryOperator<byte[]>>of(plain -> plain, IdxFiles::gzip)) {
            var idx = Idx.of(file(packing.apply(IMAGES)), 3);
            assertThat(idx.count()).isEqualTo(2);
            assertThat(idx.itemExtents()).containsExactly(3, 4);
            var out = arena.allocate(24);
            idx.read(out);
            assertThat(out.toArray(JAVA_BYTE)).isEqualTo(Arrays.copyOfRange(IMAGES, 16, 40));
        }
    }

    @Test
    void everyTruncationIsRefusedPlainAndGzipped() {
        for (var content : List.of(IMAGES, IdxFiles.gzip(IMAGES))) {
            for (var length = 0; length < content.length; length++) {
                var file = file(Arrays.copyOf(content, length));
                assertThatThrownBy(() -> read(file))
                        .as("%d of %d bytes", length, content.length)
                        .isInstanceOf(DataException.class)
                        .hasMessageStartingWith(file.path() + ": ");
            }
        }
    }

    @Test
    void gzippedContentThatEndsEarlyNamesFoundAndExpected() {
        var file = file(IdxFiles.gzip(Arrays.copyOf(IMAGES, IMAGES.length - 5)));
        assertThatThrownBy(() -> read(file))
                .hasMessage(
                        file.path()
                                + ": it holds 19 of the 2 × 3 × 4 bytes of its header: it is"
                                + " truncated");
    }

    @Test
    void moreBytesThanAnnouncedAreRefused() {
        var longer = Arrays.copyOf(IMAGES, IMAGES.length + 1);
        var plain = file(longer);
        assertThatThrownBy(() -> read(plain))
                .hasMessage(
                        plain.path()
                                + ": it has 41 bytes, its header announces 16 + 2 × 3 × 4: it is"
                                + " truncated or damaged");
        var packed = file(IdxFiles.gzip(longer));
        assertThatThrownBy(() -> read(packed))
                .hasMessage(packed.path() + ": more follows the 2 × 3 × 4 bytes of its header");
    }

    @Test
    void aFlippedByteInGzippedContentIsRefusedByItsChecksum() {
        var content = IdxFiles.gzip(IMAGES);
        content[content.length - 6] ^= 1;
        var file = file(content);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("it is damaged");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0x801      | 2          | 3          | 4 | found magic number 0x00000801, expected 0x00000803
                    0xD03      | 2          | 3          | 4 | found magic number 0x00000d03, expected 0x00000803
                    0x03080000 | 2          | 3          | 4 | found magic number 0x03080000, expected 0x00000803
                    0x803      | 0          | 3          | 4 | dimension 1 must be at least 1, was 0
                    0x803      | 2          | -1         | 4 | dimension 2 must be at least 1, was -1
                    0x803      | 2          | 2147483647 | 2 | items of 2 × 2147483647 × 2 bytes are too large
                    0x803      | 3          | 3          | 4 | it has 40 bytes, its header announces 16 + 3 × 3 × 4
                    0x803      | 2147483647 | 3          | 4 | it has 40 bytes, its header announces 16 + 2147483647 × 3 × 4
                    """)
    void aWrongHeaderIsNamed(String magic, int count, int rows, int columns, String message) {
        var header = IdxFiles.idx(Integer.decode(magic), new byte[24], count, rows, columns);
        var file = file(header);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(file.path() + ": " + message);
    }

    @Test
    void aGzippedHeaderThatAnnouncesTheImpossibleAllocatesNothing() {
        var header = IdxFiles.idx(0x803, new byte[24], Integer.MAX_VALUE, 28, 28);
        var file = file(IdxFiles.gzip(header));
        assertThatThrownBy(() -> Idx.of(file, 3))
                .hasMessageContaining("2147483647 × 28 × 28 bytes, more than");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        var path = folder.resolve("none");
        assertThatThrownBy(() -> Idx.of(new SourceFile(path), 3))
                .isInstanceOf(DataException.class)
                .hasMessage(path + ": there is no such file");
    }

    private void read(SourceFile file) {
        var idx = Idx.of(file, 3);
        long bytes = idx.count();
        for (var extent : idx.itemExtents()) {
            bytes *= extent;
        }
        idx.read(arena.allocate(bytes));
    }

    private SourceFile file(byte[] content) {
        return new SourceFile(IdxFiles.write(folder, "file", content));
    }
}
