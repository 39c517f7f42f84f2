package dev.tutti.deploy.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links lead somewhere, commands are commands, and long documents begin with their contents. */
class DocsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");
    private static final Pattern SECTION = Pattern.compile("(?m)^## +(.+)$");

    /** Lines that a reader sees without scrolling. */
    private static final int SCREEN_LINES = 60;

    private static final Pattern COMMAND =
            Pattern.compile("(?m)^ *(?:\\$ )?(?:\\./)?tutti ([a-z].*)$");

    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");

    static Stream<Path> documents() throws IOException {
        try (var root = Files.list(ROOT);
                var docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(root, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyRelativeLinkLeadsSomewhere(Path document) throws IOException {
        var broken = new ArrayList<String>();
        for (var link : links(document)) {
            var parts = link.split("#", 2);
            var target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
            if (!Files.exists(target)) {
                broken.add(link);
            } else if (parts.length == 2 && !anchors(target).contains(parts[1])) {
                broken.add(link + ": no such heading");
            }
        }
        assertThat(broken).as("links of %s", document).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void longDocumentsBeginWithTheirContents(Path document) throws IOException {
        if (Files.readAllLines(document).size() <= SCREEN_LINES) {
            return;
        }
        var prose = FENCE.matcher(Files.readString(document)).replaceAll("");
        var listed =
                LINK.matcher(prose.split("(?m)^## ", 2)[0])
                        .results()
                        .map(match -> match.group(1))
                        .toList();
        var missing =
                SECTION.matcher(prose)
                        .results()
                        .map(match -> "#" + anchor(match.group(1)))
                        .filter(link -> !listed.contains(link))
                        .toList();
        assertThat(missing).as("sections that the contents of %s leave out", document).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyCommandShownHasItsOptions(Path document) throws IOException {
        var text = Files.readString(document).replace("\\\n", " ");
        var commands = ReadmeTest.commands().keySet();
        var wrong = new TreeSet<String>();
        for (var shown : COMMAND.matcher(text).results().map(match -> match.group(1)).toList()) {
            var name =
                    commands.stream()
                            .filter(words -> (shown + " ").startsWith(words + " "))
                            .max(Comparator.comparingInt(String::length));
            if (name.isEmpty()) {
                wrong.add("tutti " + shown);
                continue;
            }
            var command = ReadmeTest.command(name.get()).getCommandSpec();
            // What follows -- is for another command.
            OPTION.matcher(shown.replaceFirst(" -- .*", ""))
                    .results()
                    .map(MatchResult::group)
                    .filter(option -> command.findOption(option) == null)
                    .forEach(option -> wrong.add("tutti %s %s".formatted(name.get(), option)));
        }
        assertThat(wrong).as("commands of %s", document).isEmpty();
    }

    private static List<String> links(Path document) throws IOException {
        var prose = FENCE.matcher(Files.readString(document)).replaceAll("");
        return LINK.matcher(prose)
                .results()
                .map(match -> match.group(1))
                .filter(link -> !link.matches("[a-z]+:.*"))
                .toList();
    }

    /** Returns the names by which the headings of a document are linked to. */
    private static List<String> anchors(Path document) throws IOException {
        var prose = FENCE.matcher(Files.readString(document)).replaceAll("");
        return HEADING.matcher(prose).results().map(match -> anchor(match.group(1))).toList();
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }
}
