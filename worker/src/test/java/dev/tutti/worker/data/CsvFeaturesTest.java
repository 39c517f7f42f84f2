package dev.tutti.worker.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.kernel.Floats;
import java.io.ByteArrayInputStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFeaturesTest {
    private final Arena arena = Arena.ofConfined();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void columnsAreTakenByTheNamesAndInTheOrderOfTheModel() {
        var path = IdxFiles.write(folder, "in.csv", "b,note,a\n1,x,2\n3,y,4\n".getBytes(UTF_8));
        var features = CsvFeatures.read(path, List.of("a", "b"), 2, Reading.FOUND_OUT, arena);
        assertThat(features.count()).isEqualTo(2);
        assertThat(Floats.toArray(features.values())).containsExactly(2, 1, 4, 3);
    }

    @Test
    void withoutNamesAllColumnsAreTakenAsTheyCome() {
        assertThat(Floats.toArray(read("p,q\n1,2\n", List.of(), 2).values())).containsExactly(1, 2);
    }

    @Test
    void withoutALineOfNamesAsManyColumnsAsTheModelTakesAreTakenAsTheyCome() {
        assertThat(headless("1,2\n3,4\n", List.of("2", "3"))).containsExactly(1, 2, 3, 4);
        assertThat(headless("1,2,3\n", List.of("1", "3"))).containsExactly(1, 3);
    }

    @Test
    void samplesThatDoNotFitTheModelAreRefused() {
        assertThatThrownBy(() -> read("a,c\n1,2\n", List.of("a", "b"), 2))
                .isInstanceOf(DataException.class)
                .hasMessage("standard input: there is no column \"b\"; there are: a, c");
        assertThatThrownBy(() -> read("p,q\n1,2\n", List.of(), 3))
                .hasMessage(
                        "standard input: found 2 columns, expected 3: one for each element of the"
                                + " model's samples");
        assertThatThrownBy(() -> read("a\n1\nx\n", List.of("a"), 1))
                .hasMessage("standard input: line 3, column \"a\": \"x\" is not a finite number");
        assertThatThrownBy(() -> read("a\n", List.of("a"), 1))
                .hasMessage("standard input: it has no samples, only column names");
    }

    private float[] headless(String text, List<String> names) {
        var in = new ByteArrayInputStream(text.getBytes(UTF_8));
        return Floats.toArray(
                CsvFeatures.read(
                                "standard input",
                                in,
                                names,
                                2,
                                Reading.FOUND_OUT.withHeader(CsvHeader.NONE),
                                arena)
                        .values());
    }

    private CsvFeatures read(String text, List<String> names, int width) {
        var in = new ByteArrayInputStream(text.getBytes(UTF_8));
        return CsvFeatures.read("standard input", in, names, width, Reading.FOUND_OUT, arena);
    }
}
