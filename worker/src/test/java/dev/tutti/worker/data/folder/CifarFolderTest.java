package dev.tutti.worker.data.folder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.TargetKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFolderTest {
    private final Arena arena = Arena.ofAuto();
    private final List<String> remarks = new ArrayList<>();

    @TempDir private Path folder;

    @Test
    void batchesFollowOneAnotherAndTheTestBatchComesLast() {
        CifarFiles.write(folder, "test_batch.bin", CifarFiles.entry(5, 7));
        CifarFiles.write(folder, "data_batch_2.bin", CifarFiles.entry(3, 2));
        CifarFiles.write(
                folder, "data_batch_1.bin", CifarFiles.entry(1, 9), CifarFiles.entry(2, 0));
        IdxFiles.write(
                folder, "batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n".getBytes(US_ASCII));
        var dataset = open(List.of());
        assertThat(dataset.sample()).isEqualTo(Shape.of(3, 32, 32));
        assertThat(dataset.count()).isEqualTo(4);
        assertThat(dataset.testCount()).isEqualTo(1);
        assertThat(labels(dataset)).containsExactly(9, 0, 2, 7);
        assertThat(dataset.targets().names())
                .containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        var bytes = dataset.features().bytes().toArray(JAVA_BYTE);
        assertThat(bytes).hasSize(4 * 3072);
        for (var i = 0; i < bytes.length; i++) {
            assertThat(bytes[i]).isEqualTo((byte) (List.of(1, 2, 3, 5).get(i / 3072) + i % 3072));
        }
        assertThat(remarks).containsExactly(folder + ": 2 files of 5 to train on were found");
    }

    @Test
    void ofAHundredClassesTheFineOrTheCoarseLabelIsTaken() {
        CifarFiles.write(folder, "train.bin", CifarFiles.entry(0, 3, 98));
        assertThat(labels(open(List.of()))).containsExactly(98);
        var coarse = open(List.of("coarse"));
        assertThat(labels(coarse)).containsExactly(3);
        assertThat(coarse.targets().names()).hasSize(20);
        assertThat(coarse.features().bytes().get(JAVA_BYTE, 1)).isEqualTo((byte) 1);
        assertThatThrownBy(() -> open(List.of("other")))
                .isInstanceOf(DataException.class)
                .hasMessage("CIFAR-100 has the targets coarse and fine, not other");
    }

    @Test
    void damageIsRefused() throws IOException {
        var file = CifarFiles.write(folder, "data_batch_1.bin", CifarFiles.entry(0, 10));
        assertRefused(file + ": label of sample 0 must be from 0 to 9, was 10");
        Files.write(file, new byte[3000]);
        assertRefused(
                file + ": it has 3000 bytes, expected records of 3073: it is truncated or damaged");
        CifarFiles.write(folder, "data_batch_1.bin", CifarFiles.entry(0, 1));
        var names = IdxFiles.write(folder, "batches.meta.txt", "a\nb\n".getBytes(US_ASCII));
        assertRefused(names + ": it has 2 names of classes, expected 10");
    }

    @Test
    void theFormForPythonIsRefusedWithTheWayOut() {
        IdxFiles.write(folder, "data_batch_1", new byte[1]);
        IdxFiles.write(folder, "batches.meta", new byte[1]);
        assertRefused(
                "folder %s: CIFAR was found in the form for Python, expected the binary one: fetch cifar-10-binary.tar.gz"
                        .formatted(folder));
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> open(List.of()))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(message);
    }

    private Dataset open(List<String> targets) {
        var kind = new CifarFolder(remarks::add);
        assertThat(kind.accepts(folder.toString())).isTrue();
        var options = DataOptions.of(folder.toString(), TargetKind.CLASSES).withTargets(targets);
        return kind.open(options, arena);
    }

    private static int[] labels(Dataset dataset) {
        return dataset.targets().bytes().toArray(JAVA_INT);
    }
}
