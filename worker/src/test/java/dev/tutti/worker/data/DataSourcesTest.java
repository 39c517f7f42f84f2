package dev.tutti.worker.data;

import static dev.tutti.common.data.Targets.Kind.LABELS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.download.DownloadProgress;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.source.DataOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSourcesTest {
    private final Arena arena = Arena.ofConfined();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void dataWithoutANameIsRefused() {
        assertThatThrownBy(() -> count(" "))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("the data has no name");
    }

    @Test
    void aSourceThatIsNotThereIsRefusedWithAllThereAre() {
        assertThatThrownBy(() -> count("mnist"))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(
                        "no data \"mnist\": there is no such file or folder; expected digits,"
                                + " fashion-mnist, arrays of NumPy NAME.npz or NAME.npy, a table NAME.parquet");
        assertThatThrownBy(() -> count("none.csv")).hasMessage("none.csv: there is no such file");
    }

    @Test
    void aFormThatIsNotReadIsRefusedWithTheWayOut() {
        var table = IdxFiles.write(folder, "table.xlsx", new byte[3]).toString();
        assertThatThrownBy(() -> count(table))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "%1$s: the form is Excel, which is not read: write it as CSV:"
                                + " pandas.read_excel(\"%1$s\").to_csv(\"data.csv\", index=False)",
                        table);
        var arrays = IdxFiles.write(folder, "x.h5", new byte[3]).toString();
        assertThatThrownBy(() -> count(arrays))
                .hasMessageContaining("is HDF5, which is not read: write its arrays for NumPy");
        var text = IdxFiles.write(folder, "x.jsonl", "{}".getBytes(UTF_8)).toString();
        assertThatThrownBy(() -> count(text)).hasMessageContaining("the form is JSON");
        var packed = IdxFiles.write(folder, "x.tar.gz", new byte[3]).toString();
        assertThatThrownBy(() -> count(packed))
                .hasMessageEndingWith("the form is an archive, which is not read: unpack it");
    }

    @Test
    void aFileOfNoKnownKindIsRefused() {
        var path = IdxFiles.write(folder, "table.unknown", new byte[3]);
        assertThatThrownBy(() -> count(path.toString()))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(
                        "cannot tell what data \"%s\" holds; expected digits", path);
    }

    @Test
    void progressIsOneLineAFile() {
        var out = new ByteArrayOutputStream();
        var progress = DownloadProgress.printed(new PrintStream(out, true, UTF_8));
        for (var bytes = 0; bytes <= 2_000_000; bytes += 1000) {
            progress.arrived("a.gz", bytes, 2_000_000);
        }
        assertThat(out.toString(UTF_8).split("\r"))
                .hasSize(12)
                .contains("fetching a.gz: 1.0 MB of 2.0 MB")
                .endsWith("fetching a.gz: 2.0 MB of 2.0 MB" + System.lineSeparator());
    }

    private int count(String source) {
        return sources().open(DataOptions.of(source, LABELS), arena).count();
    }

    private DataSources sources() {
        return DataSources.standard(folder.resolve("cache"), (_, _, _) -> {});
    }
}
