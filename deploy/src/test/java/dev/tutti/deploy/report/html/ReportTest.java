package dev.tutti.deploy.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The page that {@code tutti report} writes, from runs that the test writes by itself. */
class ReportTest {
    private static final String HOSTILE = "<script>alert('1')</script>&\u0001";

    @TempDir Path temporary;

    @Test
    void everyFigureHasItsTitleItsDescriptionAndTheNumbersBehindIt() throws Exception {
        var page = page(run("a", "0.01", true), run("b", "0.02", true));
        var figures = elements(page.getElementsByTagName("figure"));
        // Loss in training, validation loss and accuracy against four ways to count.
        assertThat(figures).hasSize(12);
        for (var figure : figures) {
            var drawing = (Element) figure.getElementsByTagName("svg").item(0);
            var title = (Element) drawing.getElementsByTagName("title").item(0);
            var description = (Element) drawing.getElementsByTagName("desc").item(0);
            assertThat(title.getTextContent()).contains("against");
            assertThat(description.getTextContent()).contains("optimizer=sgd(rate=0.01) ends at");
            assertThat(drawing.getAttribute("role")).isEqualTo("img");
            assertThat(drawing.getAttribute("aria-labelledby"))
                    .isEqualTo(title.getAttribute("id") + " " + description.getAttribute("id"));
            var numbers = (Element) figure.getElementsByTagName("details").item(0);
            assertThat(numbers.getElementsByTagName("tr").getLength()).isGreaterThan(2);
            assertThat(drawing.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        }
        assertThat(figures.stream().map(figure -> figure.getElementsByTagName("svg").item(0)))
                .doesNotHaveDuplicates();
    }

    @Test
    void thePageAllowsNothingButItsOwnStyles() throws Exception {
        var page = page(run("a", "0.01", true));
        var policies =
                elements(page.getElementsByTagName("meta")).stream()
                        .filter(meta ->
                                meta.getAttribute("http-equiv").equals("Content-Security-Policy"))
                        .map(meta -> meta.getAttribute("content"))
                        .toList();
        assertThat(policies)
                .singleElement()
                .asString()
                .startsWith("default-src 'none'; style-src 'sha256-");
        for (var name : List.of("script", "img", "link", "iframe", "object", "form")) {
            assertThat(page.getElementsByTagName(name).getLength()).as(name).isZero();
        }
        // The policy refuses these.
        assertThat(elements(page.getElementsByTagName("*")))
                .noneMatch(element -> element.hasAttribute("style"));
    }

    @Test
    void textOfARunIsNeverMarkup() throws Exception {
        var run = run("a", HOSTILE.replace("\u0001", "\\u0001"), true);
        var text = Files.readString(written(run));
        assertThat(text).doesNotContain("<script").contains("&lt;script&gt;");
        var page = parsed(text);
        assertThat(page.getElementsByTagName("code").item(0)).isNotNull();
    }

    @Test
    void severalRunsAreNamedByTheirChangedSettingsAlone() throws Exception {
        var text = Files.readString(written(run("a", "0.01", true), run("b", "0.02", true)));
        assertThat(text)
                .contains("<th scope=\"row\">optimizer=sgd(rate=0.01)</th>")
                .doesNotContain("batch=32 optimizer");
        assertThat(text)
                .contains("tutti train --epochs 2 --optimizer &#39;sgd(rate=0.02)&#39;</code>");
        var same = Files.readString(written(run("c", "0.01", true), run("d", "0.01", true)));
        assertThat(same).contains("<th scope=\"row\">c</th>").contains("<th scope=\"row\">d</th>");
    }

    @Test
    void aRunThatIsNotOverIsShownAsSuch() throws Exception {
        var run = run("a", "0.01", false);
        // What a run that still goes on has written of its next line.
        Files.writeString(
                run.resolve("steps.jsonl"),
                Files.readString(run.resolve("steps.jsonl")) + "{\"step\":9,");
        assertThat(Files.readString(written(run))).contains("not over");
    }

    @Test
    void aFolderThatIsNoRunIsNamed() {
        var cli = Cli.run("report", temporary.toString(), "--out", out().toString());
        assertThat(cli.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(cli.err())
                .hasLineCount(1)
                .contains(temporary + " is not the folder of a run: it has no run.conf; give");
        assertThat(out()).doesNotExist();
    }

    @Test
    void aDamagedLineIsNamedByItsPlace() throws IOException {
        var run = run("a", "0.01", true);
        Files.writeString(run.resolve("steps.jsonl"), "{\"step\":1}\nnonsense\n");
        var cli = Cli.run("report", run.toString(), "--out", out().toString());
        assertThat(cli.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(cli.err()).hasLineCount(1).contains("steps.jsonl:2 cannot be read");
        assertThat(out()).doesNotExist();
    }

    @Test
    void aPageThatCannotBeWrittenIsOneLine() throws IOException {
        var file = temporary.resolve("missing/report.html");
        var cli = Cli.run("report", run("a", "0.01", true).toString(), "--out", file.toString());
        assertThat(cli.exitCode()).isEqualTo(ExitCode.OUTPUT.number());
        assertThat(cli.err()).hasLineCount(1).contains("cannot write " + file);
    }

    private Element page(Path... runs) throws Exception {
        return parsed(Files.readString(written(runs)));
    }

    private Path written(Path... runs) {
        var arguments = new ArrayList<String>(List.of("report", "--out", out().toString()));
        Stream.of(runs).map(Path::toString).forEach(arguments::add);
        var cli = Cli.run(arguments.toArray(String[]::new));
        assertThat(cli.err()).isEmpty();
        assertThat(cli.exitCode()).isZero();
        return out();
    }

    private Path out() {
        return temporary.resolve("page.html");
    }

    private static Element parsed(String text) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();
    }

    private static List<Element> elements(NodeList nodes) {
        var elements = new ArrayList<Element>();
        for (var i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private Path run(String name, String rate, boolean over) throws IOException {
        var folder = Files.createDirectories(temporary.resolve(name));
        Files.writeString(
                folder.resolve("run.conf"),
                "batch=\"32\"\nepochs=\"2\"\noptimizer=\"sgd(rate=%s)\"\n".formatted(rate));
        Files.writeString(
                folder.resolve("steps.jsonl"),
                """
                {"step":1,"loss":2.5,"samples":32,"millis":{"total":10.0},"virtualSeconds":0.5}
                {"step":2,"loss":2.0,"samples":32,"millis":{"total":10.0},"virtualSeconds":0.75}
                {"step":3,"loss":"NaN","samples":32,"millis":{"total":10.0},"virtualSeconds":1.0}
                {"step":4,"loss":0.01,"samples":32,"millis":{"total":10.0},"virtualSeconds":1.25}
                """);
        Files.writeString(
                folder.resolve("epochs.jsonl"),
                """
                {"epoch":0,"step":2,"validationLoss":1.5,"validationAccuracy":0.5}
                {"epoch":1,"step":4,"validationLoss":1.0,"validationAccuracy":0.9}
                """);
        if (over) {
            Files.writeString(
                    folder.resolve("summary.json"),
                    """
                    {"steps":4,"testAccuracy":0.875,"testLoss":null,"weightsDigest":"0123456789abcdef"}
                    """);
        }
        return folder;
    }
}
