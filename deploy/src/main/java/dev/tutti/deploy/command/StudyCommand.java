package dev.tutti.deploy.command;

import dev.tutti.deploy.study.StudyProgram;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti study}: all combinations of some settings, and a page about them. */
@Command(
        name = "study",
        description =
                "Trains all combinations of the settings that a file names, and writes a page about them.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "The file has options of tutti train by their long names; a list under vary is a grid:",
            "  base { data = digits, epochs = 20 }",
            "  vary { sync = [synchronous, \"stale(2)\"], batch = [32, 128] }",
            "  seeds = [1, 2, 3]",
            "A run that is done is never computed again: to go on after Ctrl-C, start it again.",
            "docs/STUDY.md has all keys. Ready studies lie in the folder studies of the distribution.",
            "",
            "Examples:",
            "  tutti study study.conf --dry-run",
            "  tutti study study.conf --out studies/first"
        })
public final class StudyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the study, a HOCON file")
    private Path file = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "where runs, report.html and results.csv go; default: studies/NAME, as the file is called")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--dry-run",
            description =
                    "print the number of runs, what varies and what cannot be combined; train nothing")
    private boolean dry;

    @Override
    public Integer call() {
        var study = StudyProgram.of(file, out.orElseGet(this::usualFolder));
        return (dry ? study.show(System.out) : study.run(System.out)).number();
    }

    private Path usualFolder() {
        var name = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
        return Path.of("studies", name.isEmpty() ? "study" : name);
    }
}
