package dev.tutti.coordinator.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.random.Seeds;
import dev.tutti.coordinator.file.Disk;
import dev.tutti.coordinator.file.ResumeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After every failure of a write, the newest whole checkpoint is found, and no other. */
class CheckpointFolderTest {
    private static final long SEED = 9;
    private static final ValueLayout.OfLong LENGTH =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @TempDir private Path run;

    @Test
    void theNewestFewStay() throws IOException {
        var folder = new CheckpointFolder(run, Disk.REAL);
        for (var step : List.of(1L, 9L, 10L, 100L, 1000L)) {
            folder.write(SavedRuns.checkpoint(step), 3);
        }
        assertThat(files())
                .containsOnly(
                        "step-10.safetensors", "step-100.safetensors", "step-1000.safetensors");
        assertThat(newest(folder)).isEqualTo(1000);
    }

    /** Loss of power: the file has been cut, or is still the temporary one, or is damaged. */
    @Test
    void aWriteThatEndsAnywhereLeavesTheOneBefore() throws IOException {
        var folder = new CheckpointFolder(run, Disk.REAL);
        folder.write(SavedRuns.checkpoint(10), 3);
        for (var end : endings(bytes(20)).entrySet()) {
            Files.write(file("step-20.safetensors"), end.getValue());
            var search = folder.search();
            assertThat(search.newest().orElseThrow().checkpoint().position().next().step())
                    .as(end.getKey())
                    .isEqualTo(10);
            assertThat(search.damaged()).as(end.getKey()).hasSize(1);
            assertThat(search.damaged().getFirst().reason()).as(end.getKey()).isNotBlank();
        }
    }

    @Test
    void aTemporaryFileIsNoCheckpointAndGoesWhenTheRunGoesOn() throws IOException {
        var folder = new CheckpointFolder(run, Disk.REAL);
        folder.write(SavedRuns.checkpoint(10), 3);
        Files.write(file("step-20.safetensors.partial"), bytes(20));
        assertThat(newest(folder)).isEqualTo(10);
        folder.tidy(folder.search().damaged());
        assertThat(files()).containsOnly("step-10.safetensors");
    }

    @Test
    void damagedFilesDoNotCountAmongThoseKept() throws IOException {
        var folder = new CheckpointFolder(run, Disk.REAL);
        folder.write(SavedRuns.checkpoint(10), 1);
        Files.write(file("step-20.safetensors"), new byte[5]);
        folder.tidy(folder.search().damaged());
        folder.write(SavedRuns.checkpoint(15), 1);
        assertThat(files()).containsOnly("step-15.safetensors", "step-20.safetensors.damaged");
        assertThat(newest(folder)).isEqualTo(15);
    }

    @Test
    void aFullDiskLeavesWhatWasThereAndNothingElse() throws IOException {
        new CheckpointFolder(run, Disk.REAL).write(SavedRuns.checkpoint(10), 1);
        Disk full =
                (file, content) -> {
                    Disk.REAL.write(file, content.subList(0, 2));
                    throw new IOException("No space left on device");
                };
        var folder = new CheckpointFolder(run, full);
        assertThatThrownBy(() -> folder.write(SavedRuns.checkpoint(20), 1))
                .isInstanceOf(IOException.class)
                .hasMessage("No space left on device");
        assertThat(files()).containsOnly("step-10.safetensors");
        assertThat(newest(folder)).isEqualTo(10);
    }

    @Test
    void aRunWithoutAWholeCheckpointSaysSo() throws IOException {
        assertThatThrownBy(() -> StoppedRun.open(run))
                .isInstanceOf(ResumeException.class)
                .hasMessageContaining("no usable checkpoint; start it again");
        Files.createDirectories(run.resolve("checkpoints"));
        Files.write(file("step-20.safetensors"), new byte[5]);
        assertThatThrownBy(() -> StoppedRun.open(run))
                .isInstanceOf(ResumeException.class)
                .hasMessageContaining("step-20.safetensors is damaged: found 5 bytes");
    }

    @Test
    void aCompleteRunDoesNotGoOn() throws IOException {
        new CheckpointFolder(run, Disk.REAL).write(SavedRuns.checkpoint(10), 1);
        assertThat(StoppedRun.open(run).step()).isEqualTo(10);
        Files.writeString(run.resolve("summary.json"), "{}");
        assertThatThrownBy(() -> StoppedRun.open(run)).hasMessageContaining("complete already");
    }

    /** Returns every kind of damage that a write which does not end well may leave. */
    private static Map<String, byte[]> endings(byte[] whole) {
        var headerEnd = 8 + (int) MemorySegment.ofArray(whole).get(LENGTH, 0);
        var endings = new TreeMap<String, byte[]>();
        for (var length :
                List.of(
                        0,
                        1,
                        7,
                        8,
                        9,
                        40,
                        headerEnd / 2,
                        headerEnd - 1,
                        headerEnd,
                        headerEnd + 1)) {
            endings.put("cut after byte " + length, Arrays.copyOf(whole, length));
        }
        for (var at = headerEnd; at < whole.length; at += 4) {
            endings.put("cut in a tensor at " + at, Arrays.copyOf(whole, at));
        }
        endings.put("last byte missing", Arrays.copyOf(whole, whole.length - 1));
        endings.put("garbage behind", Arrays.copyOf(whole, whole.length + 7));
        endings.put("zeros of the right length", new byte[whole.length]);
        var hole = whole.clone();
        Arrays.fill(hole, headerEnd + 8, headerEnd + 16, (byte) 0);
        endings.put("a page that was never written", hole);
        var random = Seeds.of(SEED, "flips");
        for (var i = 0; i < 200; i++) {
            var at = random.nextInt(whole.length);
            var flipped = whole.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            endings.put("a bit of byte " + at + " flipped, seed " + SEED, flipped);
        }
        return endings;
    }

    private static byte[] bytes(long step) {
        var out = new ByteArrayOutputStream();
        SavedRuns.checkpoint(step)
                .write()
                .forEach(segment -> out.writeBytes(segment.toArray(JAVA_BYTE)));
        return out.toByteArray();
    }

    private Path file(String name) {
        return run.resolve("checkpoints").resolve(name);
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(run.resolve("checkpoints"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static long newest(CheckpointFolder folder) throws IOException {
        return folder.search().newest().orElseThrow().checkpoint().position().next().step();
    }
}
