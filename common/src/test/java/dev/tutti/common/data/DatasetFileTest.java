package dev.tutti.common.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.format.Sha256;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DatasetFileTest {
    private final Arena arena = Arena.ofConfined();

    static List<Function<Arena, Dataset>> datasets() {
        return List.of(Samples::labelled, Samples::valued, Samples::images);
    }

    @AfterEach
    void close() {
        arena.close();
    }

    @ParameterizedTest
    @MethodSource("datasets")
    void readGivesWhatWasWritten(Function<Arena, Dataset> make) {
        var written = make.apply(arena);
        var read = DatasetFile.read(file(written));
        assertThat(read)
                .usingRecursiveComparison()
                .ignoringFields("features.bytes", "targets.bytes")
                .isEqualTo(written);
        assertThat(read.features().bytes().mismatch(written.features().bytes())).isEqualTo(-1);
        assertThat(read.targets().bytes().mismatch(written.targets().bytes())).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("datasets")
    void readGivesAlignedViewsOfTheFile(Function<Arena, Dataset> make) {
        var file = file(make.apply(arena));
        var read = DatasetFile.read(file);
        for (var part : List.of(read.features().bytes(), read.targets().bytes())) {
            assertThat(file.asOverlappingSlice(part)).isPresent();
            assertThat(part.address() % 64).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("datasets")
    void writingWhatWasReadGivesTheSameBytes(Function<Arena, Dataset> make) {
        var file = file(make.apply(arena));
        assertThat(file(DatasetFile.read(file)).mismatch(file)).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("datasets")
    void everyTruncationIsRefused(Function<Arena, Dataset> make) {
        var file = file(make.apply(arena));
        for (long length = 0; length < file.byteSize(); length++) {
            var head = file.asSlice(0, length);
            assertThatThrownBy(() -> DatasetFile.read(head))
                    .as("%d of %d bytes", length, file.byteSize())
                    .isInstanceOf(DataException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("datasets")
    void aLongerFileIsRefused(Function<Arena, Dataset> make) {
        var file = file(make.apply(arena));
        var longer = arena.allocate(file.byteSize() + 1, 64);
        MemorySegment.copy(file, 0, longer, 0, file.byteSize());
        assertThatThrownBy(() -> DatasetFile.read(longer)).isInstanceOf(DataException.class);
    }

    @ParameterizedTest
    @MethodSource("datasets")
    void noChangedByteGivesAnotherErrorThanARefusal(Function<Arena, Dataset> make) {
        var file = file(make.apply(arena));
        for (long at = 0; at < file.byteSize(); at++) {
            for (var change : new byte[] {1, (byte) 0x80, (byte) 0xFF}) {
                var kept = file.get(JAVA_BYTE, at);
                file.set(JAVA_BYTE, at, (byte) (kept ^ change));
                try {
                    // Some changes are another valid file: a name, a sample. Only the digest tells.
                    assertThat(file(DatasetFile.read(file)).mismatch(file)).isEqualTo(-1);
                } catch (DataException e) {
                    assertThat(e).hasMessageMatching("[^\\n]+");
                }
                file.set(JAVA_BYTE, at, kept);
            }
        }
    }

    // Offsets are those of the form that DatasetFile documents, for the dataset of
    // Samples.labelled.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0  | 0          | not a Tutti dataset file: it must start with "TUTTIDAT"
                    8  | 2          | version 2 was found, this program reads version 1
                    12 | 0          | the size of the header must be from 1 to 2147483647, was 0
                    12 | 9          | its header should take 9 bytes, but takes 95
                    16 | 5          | the file should take 5 bytes, but takes 208
                    24 | 0          | the number of samples must be from 1 to 2147483647, was 0
                    24 | 2147483647 | the features should take 4294967294 × 4 bytes at byte 128
                    28 | 4          | the size of the own test set must be from 0 to 3, was 4
                    28 | -1         | the size of the own test set must be from 0 to 3, was -1
                    32 | 2          | the kind of features must be from 0 to 1, was 2
                    36 | -1         | the kind of targets must be from 0 to 1, was -1
                    40 | 0          | the rank of a sample must be from 1 to 8, was 0
                    44 | 0          | the extent of a sample must be from 1 to 2147483647, was 0
                    48 | 65537      | the length of the name must be from 0 to 65536, was 65537
                    58 | 0          | the number of texts, each a name of a target must be from 1
                    58 | 2147483647 | name of a target
                    """)
    void aWrongFieldIsNamed(long at, int value, String message) {
        var file = file(Samples.labelled(arena));
        file.set(JAVA_INT.withByteAlignment(1), at, value);
        assertThatThrownBy(() -> DatasetFile.read(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aLabelWithoutAClassIsNamed() {
        var file = file(Samples.labelled(arena));
        file.setAtIndex(JAVA_INT, file.byteSize() / 4 - 2, 3);
        assertThatThrownBy(() -> DatasetFile.read(file))
                .hasMessage("dataset points: label of sample 2 must be from 0 to 2, was 3");
    }

    @Test
    void aNumberThatIsNotFiniteIsRefused() {
        var file = file(Samples.valued(arena));
        Floats.set(file, file.byteSize() / 4 - 1, Float.NaN);
        assertThatThrownBy(() -> DatasetFile.read(file))
                .hasMessage("dataset curve: a target is NaN or infinite");
    }

    @Test
    void theFilesSegmentsAreItsBytesAndTheDatasetsOwnMemory() {
        var dataset = Samples.labelled(arena);
        var segments = DatasetFile.segments(dataset);
        assertThat(Sha256.hex(segments)).isEqualTo(Sha256.hex(file(dataset)));
        assertThat(segments).contains(dataset.features().bytes(), dataset.targets().bytes());
    }

    @Test
    void theDigestIsTheSha256OfTheBytes() {
        // The example of FIPS 180: one block.
        assertThat(Sha256.hex(Samples.bytes(arena, 'a', 'b', 'c')))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Sha256.hex(arena.allocate(0)))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void theDigestOfAMillionLettersIsThatOfTheStandard() {
        // FIPS 180: a million times "a".
        var letters = arena.allocate(1_000_000).fill((byte) 'a');
        assertThat(Sha256.hex(letters))
                .isEqualTo("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }

    @Test
    void theFormNeverChangesUnnoticed() {
        // A change of the form needs a new version, and a new digest here.
        assertThat(Sha256.hex(file(Samples.labelled(arena))))
                .isEqualTo("d2565c64dc14288f6072bdff7a137f65fe7c4ea88ce6a02f7fa75abb51e2ec61");
    }

    private MemorySegment file(Dataset dataset) {
        var file = arena.allocate(DatasetFile.byteSize(dataset), 64);
        file.fill((byte) 0x55);
        DatasetFile.write(dataset, file);
        return file;
    }
}
