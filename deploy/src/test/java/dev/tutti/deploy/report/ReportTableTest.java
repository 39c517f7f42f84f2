package dev.tutti.deploy.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.report.BinaryReport;
import dev.tutti.common.report.ClassReport;
import dev.tutti.common.report.ValueReport;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReportTableTest {
    @Test
    void classesSayWhatTheyAreTakenForAndAbsentFiguresAreDashes() {
        var report =
                new ClassReport(
                        6,
                        0.5,
                        new ClassReport.Means(0.6, 0.375, 0.4),
                        List.of(
                                new ClassReport.Figures("often", 4, 5, 0.6, 0.75, 2.0 / 3),
                                new ClassReport.Figures("rare", 2, 0, null, 0.0, 0.0)),
                        List.of(
                                new ClassReport.Cell(0, 0, 3),
                                new ClassReport.Cell(0, 1, 1),
                                new ClassReport.Cell(1, 0, 2)));
        assertThat(ReportTable.lines(report, ""))
                .containsExactly(
                        "class       samples  precision  recall      f1  taken for",
                        "often             4     0.6000  0.7500  0.6667  rare 1",
                        "rare              2          -  0.0000  0.0000  often 2",
                        "macro mean        6     0.6000  0.3750  0.4000");
    }

    @Test
    void ofManyClassesTheWorstAreShownAndWhereTheOthersAre() {
        var classes =
                IntStream.range(0, 30)
                        .mapToObj(k ->
                                new ClassReport.Figures(
                                        "class " + k, 1, 1, 1.0, 1.0, 1 - (k * 7 % 30) / 100.0))
                        .toList();
        var report =
                new ClassReport(30, 1, new ClassReport.Means(1.0, 1.0, 0.8), classes, List.of());
        var lines = ReportTable.lines(report, "--json gives all");
        assertThat(lines).hasSize(13);
        assertThat(lines.get(1)).startsWith("class 17 ").contains("0.7100");
        assertThat(lines.getLast())
                .isEqualTo("these are the 10 classes of 30 with the lowest f1; --json gives all");
    }

    @Test
    void realValuesAndValuesOf0And1HaveARowForEachTarget() {
        var values =
                new ValueReport(
                        3,
                        List.of(
                                new ValueReport.Figures("price", 0.98765, 12345.678, 23456.789),
                                new ValueReport.Figures("constant", null, 0, 0)));
        assertThat(ReportTable.lines(values, ""))
                .containsExactly(
                        "target        r2      mae     rmse",
                        "price     0.9877  12345.7  23456.8",
                        "constant       -  0.00000  0.00000");
        var binary =
                new BinaryReport(
                        4,
                        0.5,
                        List.of(new BinaryReport.Figures("won", 1, 0, 0.75, null, 0.0, 0.0)));
        assertThat(ReportTable.lines(binary, ""))
                .containsExactly(
                        "target  ones  accuracy  precision  recall      f1",
                        "won        1    0.7500          -  0.0000  0.0000",
                        "a target counts as 1 where its probability is above 0.5");
    }
}
