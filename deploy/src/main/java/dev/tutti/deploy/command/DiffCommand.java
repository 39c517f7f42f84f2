package dev.tutti.deploy.command;

import dev.tutti.coordinator.file.RecordJson;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.report.diff.RunsDiff;
import dev.tutti.deploy.report.html.RecordedRun;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti diff}: in what two runs differ. */
@Command(
        name = "diff",
        description =
                "Compares two runs: changed settings, final figures, times, and where their bits part.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Runs with --record-digests tell the first step, layer, shard and worker that differ.",
            "",
            "Examples:",
            "  tutti diff runs/a runs/b",
            "  tutti diff runs/a runs/b --json"
        })
public final class DiffCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN_A", description = "the folder of a run")
    private Path a = Path.of("");

    @Parameters(index = "1", paramLabel = "RUN_B", description = "the folder of another")
    private Path b = Path.of("");

    @Option(names = "--json", description = "print the comparison as one line of JSON")
    private boolean json;

    @Override
    public Integer call() {
        var diff = RunsDiff.of(RecordedRun.read(a), RecordedRun.read(b));
        if (json) {
            System.out.println(RecordJson.line(diff));
        } else {
            print(diff);
        }
        return ExitCode.OK.number();
    }

    private static void print(RunsDiff diff) {
        System.out.printf("settings  %s%n", diff.settings().isEmpty() ? "the same" : "changed:");
        for (var setting : diff.settings()) {
            System.out.printf("          %s: %s -> %s%n", setting.name(), setting.a(), setting.b());
        }
        diff.figures().forEach(figure -> print("figure", figure));
        diff.times().forEach(time -> print("time", time));
        System.out.printf("bits      %s%n", diff.bits().line());
    }

    private static void print(String kind, RunsDiff.Figure figure) {
        System.out.printf(
                "%-9s %s %.6g -> %.6g%s%n",
                kind,
                figure.name(),
                figure.a(),
                figure.b(),
                switch (figure.better()) {
                    case "a" -> ", the first is better";
                    case "b" -> ", the second is better";
                    default -> "";
                });
    }
}
