package dev.tutti.deploy.command;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.OutputFile;
import dev.tutti.deploy.report.html.RecordedRun;
import dev.tutti.deploy.report.html.RunsReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti report}: one page about one or several runs. */
@Command(
        name = "report",
        description =
                "Writes one HTML page about runs: curves over each other, figures, settings, commands.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "The page needs no network and no script. A run that is not over can be in it.",
            "",
            "Examples:",
            "  tutti report runs/digits-20261122-101500",
            "  tutti report runs/a runs/b runs/c --out comparison.html"
        })
public final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN_DIR", arity = "1..*", description = "the folders of the runs")
    private List<Path> folders = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "report.html",
            description = "where the page goes; default: ${DEFAULT-VALUE}")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        OutputFile.write(out, RunsReport.of(folders.stream().map(RecordedRun::read).toList()));
        System.out.printf("report    %s%n", out);
        return ExitCode.OK.number();
    }
}
