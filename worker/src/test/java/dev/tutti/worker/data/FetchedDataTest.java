package dev.tutti.worker.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.data.Targets;
import dev.tutti.common.format.Sha256;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.csv.CsvFile;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.table.CsvHeader;
import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Data that a worker's machine has itself. */
class FetchedDataTest {
    private static final String TEXT = "1,2,0\n3,4,1\n5,6,0\n";

    /** Not used: nothing is fetched. */
    private final Channel coordinator = InProcessChannelBuilder.forName("none").build();

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = CsvHeader.class,
            names = {"NAMES", "NONE"})
    void theFirstLineIsWhatItIsInTheRun(CsvHeader header) {
        var file = IdxFiles.write(folder, "data.csv", TEXT.getBytes(UTF_8)).toString();
        var options = DataOptions.of(file, Targets.Kind.LABELS).withHeader(header);
        var dataset = new CsvFile().open(options, Arena.ofAuto());
        var found = named(file).get(spec(digest(dataset)), coordinator);
        assertThat(found.count()).isEqualTo(dataset.count());
        assertThat(found.featureNames()).isEqualTo(dataset.featureNames());
    }

    @Test
    void otherDataIsRefused() {
        var file =
                IdxFiles.write(folder, "data.csv", ("a,b,c\n" + TEXT).getBytes(UTF_8)).toString();
        assertThatThrownBy(() -> named(file).get(spec("0".repeat(64)), coordinator))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("is not the data of this run")
                .hasMessageEndingWith(
                        "; leave out --data to fetch it: a worker cannot choose columns, code, fill or"
                                + " standardise them as the run did");
    }

    @Test
    void dataThatTheRunCodedIsRefusedWithWhatHelps() {
        var text = "a,w,c\n1,,0\n2,u,1\n";
        var file = IdxFiles.write(folder, "data.csv", text.getBytes(UTF_8)).toString();
        assertThatThrownBy(() -> named(file).get(spec("0".repeat(64)), coordinator))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("line 2, column \"w\": the cell is empty")
                .hasMessageContaining("; leave out --data to fetch it");
    }

    private FetchedData named(String file) {
        var sources = DataSources.standard(folder, (_, _, _) -> {});
        return new FetchedData(new DatasetCache(folder), sources, Optional.of(file));
    }

    private static String digest(Dataset dataset) {
        var bytes = Arena.ofAuto().allocate(DatasetFile.byteSize(dataset), 64);
        DatasetFile.write(dataset, bytes);
        return Sha256.hex(bytes);
    }

    private static RunSpec spec(String digest) {
        return new RunSpec(
                "dense(2)",
                "softmax-cross-entropy",
                Shape.of(2),
                2,
                1,
                1,
                true,
                1,
                0,
                0,
                "data",
                digest,
                1,
                1024,
                Roundings.NONE,
                "mean",
                "none",
                "none",
                0,
                "synchronous",
                RunSpec.NO_CLOCK,
                "iid",
                "fp32",
                "fp32");
    }
}
