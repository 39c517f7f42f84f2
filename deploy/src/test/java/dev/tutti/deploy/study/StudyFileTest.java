package dev.tutti.deploy.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.study.Study.Combination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a study's file means, and what is refused. */
class StudyFileTest {
    @TempDir Path temporary;

    @Test
    void aListIsAGridInTheOrderOfTheFile() throws IOException {
        var study =
                read(
                        """
                        base { data = digits, epochs = 2 }
                        vary {
                          sync = [synchronous, "stale(2)"]
                          batch = [32, 64]
                        }
                        seeds = [7, 9]
                        budget = 1.5
                        """);
        assertThat(study.combinations().stream().map(Combination::label))
                .containsExactly(
                        "sync=synchronous batch=32 seed=7",
                        "sync=synchronous batch=32 seed=9",
                        "sync=synchronous batch=64 seed=7",
                        "sync=synchronous batch=64 seed=9",
                        "sync=stale(2) batch=32 seed=7",
                        "sync=stale(2) batch=32 seed=9",
                        "sync=stale(2) batch=64 seed=7",
                        "sync=stale(2) batch=64 seed=9");
        assertThat(study.combinations().getLast().options())
                .isEqualTo(
                        Map.of(
                                "data",
                                "digits",
                                "epochs",
                                "2",
                                "sync",
                                "stale(2)",
                                "batch",
                                "64",
                                "seed",
                                "9"));
        assertThat(study.budget()).contains(Duration.ofSeconds(90));
    }

    @Test
    void zippedListsVaryTogether() throws IOException {
        var study =
                read(
                        """
                        vary { sync = [synchronous, "stale(1)"] }
                        zip { batch = [32, 64], epochs = [4, 8] }
                        """);
        assertThat(study.combinations().stream().map(Combination::label))
                .containsExactly(
                        "sync=synchronous batch=32 epochs=4",
                        "sync=synchronous batch=64 epochs=8",
                        "sync=stale(1) batch=32 epochs=4",
                        "sync=stale(1) batch=64 epochs=8");
    }

    @Test
    void aNumberOfSeedsCountsFromOne() throws IOException {
        assertThat(read("seeds = 3").combinations().stream().map(Combination::label))
                .containsExactly("seed=1", "seed=2", "seed=3");
    }

    @Test
    void excludedCombinationsAreLeftOut() throws IOException {
        var study =
                read(
                        """
                        vary { batch = [32, 64], epochs = [1, 2] }
                        exclude = [{ batch = 64, epochs = 2 }]
                        """);
        assertThat(study.combinations().stream().map(Combination::label))
                .containsExactly("batch=32 epochs=1", "batch=32 epochs=2", "batch=64 epochs=1");
    }

    @Test
    void aListInAListIsOneValue() throws IOException {
        var study = read("vary { features = [[a, b], [a]] }");
        assertThat(study.combinations().stream().map(Combination::label))
                .containsExactly("features=a,b", "features=a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    bass { epochs = 1 }               | :1: unknown key "bass"; there are: base, budget
                    base { epoch = 1 }                | :1: unknown key "base.epoch"; there are: accumulate,
                    base { out = x }                  | base.out is set by the study itself
                    base { epochs = null }            | epochs is null: expected text
                    base = 3                          | base is 3: expected an object
                    vary { }                          | vary is empty
                    vary { batch = [] }               | vary.batch is an empty list: give it at least one value
                    vary { batch = 32 }               | vary.batch is 32: expected a list of values; a single value belongs in base
                    vary { batch = [32, 32] }         | vary.batch has 32 twice
                    zip { batch = [1, 2], epochs = [1] } | zip.batch has 2 values, zip.epochs has 1
                    zip { }                           | zip must be an object of lists
                    base { batch = 1 }, vary { batch = [1, 2] } | batch stands in two of base, vary, zip and seeds
                    base { seed = 1 }, seeds = 2      | seeds and base.seed are both given
                    seeds = []                        | seeds is []: expected a list of whole numbers
                    seeds = 0                         | seeds is 0: expected
                    seeds = [1, 1]                    | seeds has a number twice
                    budget = 0                        | budget is 0: expected a number of minutes above 0
                    budget = soon                     | budget is soon: expected
                    report { rows = batch }           | report.rows is batch, which does not vary
                    report { value = beauty }         | report.value is beauty: expected one of testAccuracy
                    exclude = [{ batch = 3 }]         | exclude has batch=3, which no run has
                    vary { batch = [1] }, exclude = [{ batch = 1 }] | exclude leaves out all 1 runs
                    vary { batch = [                  | cannot read the study
                    """)
    void whatIsNoStudyIsRefusedInOneLine(String text, String line) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOfSatisfying(
                        UserException.class,
                        e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining(line);
    }

    @Test
    void aGridHasALimit() {
        assertThatThrownBy(() ->
                        read(
                                "vary { batch = [1,2,3,4,5,6,7,8,9,10], epochs = [1,2,3,4,5,6,7,8,9,10] }, seeds = 101"))
                .hasMessageContaining("the grid has 10100 runs, at most 10000 are possible");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(
                        () -> StudyFile.read(temporary.resolve("none.conf"), StudyOptions.names()))
                .hasMessageContaining("no study file");
    }

    private Study read(String text) throws IOException {
        var file = temporary.resolve("study.conf");
        Files.writeString(file, text);
        return StudyFile.read(file, StudyOptions.names());
    }
}
