package dev.tutti.worker.data;

import static dev.tutti.common.nn.Loss.Targets.LABELS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.format.Sha256;
import dev.tutti.common.kernel.Floats;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
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
    void everyKindIsFoundByHowItsSourceIsWrittenAndGivesTheSameBytesEachTime() {
        var examples = examples();
        var kinds = sources().kinds();
        assertThat(examples.keySet())
                .as("a new kind needs an example here")
                .containsExactlyInAnyOrderElementsOf(
                        kinds.stream().<Class<?>>map(DataSource::getClass).toList());
        for (var kind : kinds) {
            var source = String.valueOf(examples.get(kind.getClass()));
            assertThat(kinds.stream().filter(other -> other.accepts(source)))
                    .as(source)
                    .first()
                    .isEqualTo(kind);
            assertThat(kind.description()).as(source).isNotBlank();
            if (!(kind instanceof FashionMnist)) {
                assertThat(digest(source)).as(source).isEqualTo(digest(source));
            }
        }
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
                                + " fashion-mnist, a dataset file NAME.tutti");
        assertThatThrownBy(() -> count("none.csv")).hasMessage("none.csv: there is no such file");
    }

    @Test
    void aFileOfNoKnownKindIsRefused() {
        var path = IdxFiles.write(folder, "table.xls", new byte[3]);
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

    private Map<Class<?>, String> examples() {
        var images = IdxFiles.images(2, 2, 2, 0);
        var file = IdxFiles.write(folder, "train-images-idx3-ubyte", images);
        IdxFiles.write(folder, "train-labels-idx1-ubyte", IdxFiles.labels(0, 1));
        var table = "a,y\n1,0\n2,1\n3,0\n".getBytes(UTF_8);
        var csv = IdxFiles.write(folder, "table.csv", table).toString();
        var cache = new DatasetCache(folder);
        var digest = cache.put(new CsvFile().open(DataOptions.of(csv, LABELS), arena));
        return Map.of(
                Digits.class,
                "digits",
                Synthetic.class,
                "synthetic(4,2x2,2)",
                FashionMnist.class,
                "fashion-mnist",
                CsvFile.class,
                csv,
                TuttiFile.class,
                folder.resolve(digest + DatasetFile.ENDING).toString(),
                IdxImages.class,
                file.toString(),
                IdxFolder.class,
                folder.toString());
    }

    private String digest(String source) {
        var dataset = sources().open(DataOptions.of(source, LABELS), arena);
        var bytes = arena.allocate(DatasetFile.byteSize(dataset), Floats.ALIGNMENT_BYTES);
        DatasetFile.write(dataset, bytes);
        return Sha256.hex(bytes);
    }

    private int count(String source) {
        return sources().open(DataOptions.of(source, LABELS), arena).count();
    }

    private DataSources sources() {
        return DataSources.standard(folder.resolve("cache"), DownloadProgress.silent());
    }
}
