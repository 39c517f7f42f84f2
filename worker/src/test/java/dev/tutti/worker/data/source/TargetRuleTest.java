package dev.tutti.worker.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.worker.data.csv.CsvFile;
import dev.tutti.worker.data.idx.IdxFiles;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Targets in the shapes of well-known data, and what people take them for. */
class TargetRuleTest {
    @TempDir private Path folder;

    @Test
    void wordsTwoNumbersDigitsAndRatingsAreClasses() {
        assertClasses(150, i -> i % 2 == 0 ? "iris" : "rose", 2);
        assertClasses(4, i -> i % 2 == 0 ? "0" : "1", 2);
        assertClasses(20, i -> i % 2 == 0 ? "-1" : "1", 2);
        assertClasses(1000, i -> Integer.toString(i % 10), 10);
        // Wine: 3 to 8, the ends rare.
        assertClasses(300, i -> Integer.toString(i < 3 ? 3 : i < 6 ? 8 : 4 + i % 4), 6);
        // Glass: six kinds, of which none has number 4.
        assertClasses(60, i -> new String[] {"1", "2", "3", "5", "6", "7.0"}[i % 6], 6);
    }

    @Test
    void numbersThatCountUpFrom0Or1AreClassesIfEachComesOften() {
        assertClasses(26 * 5, i -> Integer.toString(1 + i % 26), 26);
        assertClasses(500, i -> Integer.toString(i % 100), 100);
        assertValues(26 * 4, i -> Integer.toString(1 + i % 26));
    }

    @Test
    void pricesYearsAgesCountsAndFractionsAreRealValues() {
        assertValues(500, i -> Integer.toString(100_000 + 731 * i));
        assertValues(2000, i -> Integer.toString(1922 + i % 90));
        assertValues(1000, i -> Integer.toString(17 + i % 70));
        assertValues(1000, i -> Integer.toString(i % 3 > 0 ? i % 8 : 12 + i / 40));
        assertValues(100, i -> i % 2 == 0 ? "0.5" : "1");
        assertValues(6, i -> Integer.toString(2 * i));
    }

    @Test
    void aWordAmongRealValuesIsNamedAndNotAClass() {
        assertThatThrownBy(() -> read(100, i -> i == 40 ? "sold" : Integer.toString(1000 + i)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("line 42, column \"y\": \"sold\" is no number")
                .hasMessageContaining("--task classification");
        assertThatThrownBy(() -> read(100, i -> i == 40 ? "NaN" : Integer.toString(1000 + i)))
                .hasMessageContaining("line 42, column \"y\": \"NaN\"")
                .hasMessageContaining("\"NaN\" stands for a missing value");
    }

    private void assertClasses(int samples, IntFunction<String> target, int classes) {
        var dataset = read(samples, target);
        assertThat(dataset.labelled()).as(dataset.targets().names().toString()).isTrue();
        assertThat(dataset.outputs()).isEqualTo(classes);
    }

    private void assertValues(int samples, IntFunction<String> target) {
        assertThat(read(samples, target).labelled()).isFalse();
    }

    private Dataset read(int samples, IntFunction<String> target) {
        var rows =
                IntStream.range(0, samples)
                        .mapToObj(i -> i + "," + target.apply(i))
                        .collect(Collectors.joining("\n", "x,y\n", "\n"));
        var file = IdxFiles.write(folder, "data.csv", rows.getBytes(UTF_8));
        return new CsvFile()
                .open(DataOptions.of(file.toString(), TargetKind.BY_VALUES), Arena.ofAuto());
    }
}
