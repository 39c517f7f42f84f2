package dev.tutti.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.coordinator.file.OrderFile;
import dev.tutti.coordinator.file.ResumeException;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.local.LocalRun;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.run.PrintedRun;
import dev.tutti.deploy.run.RunDirectory;
import dev.tutti.deploy.study.StudyOptions;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti replay}: the same bits of a run whose clock was real, from the order it kept. */
@Command(
        name = "replay",
        description =
                "Computes a run with --clock real again, from its order.jsonl: the same weights, bit for bit, with any number of workers.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti replay runs/digits-20261130-101500",
            "  tutti replay runs/digits-20261130-101500 --workers 1 --out runs/again"
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final String DIGEST = "weightsDigest";

    @Parameters(paramLabel = "RUN_DIR", description = "the run's folder")
    private Path directory = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "folder of the new run; default: runs/NAME-TIME")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "workers in all; default: as before")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--processes",
            paramLabel = "P",
            description = "worker processes to spread them over; default: as before")
    private Optional<Integer> processes = Optional.empty();

    @Option(
            names = "--json",
            description = "print the summary as JSON, as the last line of standard output")
    private boolean json;

    @Override
    public Integer call() {
        var configuration = directory.resolve(RunDirectory.CONFIGURATION);
        if (!Files.isRegularFile(configuration) || !OrderFile.isIn(directory)) {
            throw new ResumeException(
                    "no run with --clock real in %s: expected its %s and %s"
                            .formatted(directory, RunDirectory.CONFIGURATION, OrderFile.NAME));
        }
        var texts = ConfigFile.read(configuration);
        texts.remove("chaos");
        workers.ifPresent(count -> {
            texts.put("workers", Integer.toString(count));
            // As many processes as before, if there are workers for them.
            texts.computeIfPresent("processes", (_, before) -> fewer(before, Math.max(0, count)));
        });
        processes.ifPresent(count -> texts.put("processes", Integer.toString(count)));
        var read = StudyOptions.of(texts);
        var folder = RunDirectory.choose(out, read.options().run.data);
        var run = LocalRun.of(read.options(), read.command(), folder);
        try {
            var order = OrderFile.read(directory);
            order.requireSame(run.run().plan().configuration());
            if (order.steps().size() < run.run().plan().steps()
                    && !Files.exists(directory.resolve(RunSummary.FILE))) {
                throw new ResumeException(
                        "the run in %s has not ended: go on with it first, tutti resume %s"
                                .formatted(directory, directory));
            }
            Files.createDirectories(folder);
            Files.copy(directory.resolve(OrderFile.NAME), folder.resolve(OrderFile.NAME));
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot copy the order of %s into %s: %s"
                            .formatted(directory, folder, Reason.of(e)));
        }
        var code = run.begin(true, new PrintedRun(json));
        if (code == ExitCode.OK) {
            requireSameWeights(folder);
        }
        return code.number();
    }

    private static String fewer(String before, int most) {
        return Integer.toString(Math.min(Integer.parseInt(before), most));
    }

    private void requireSameWeights(Path folder) {
        var before = digest(directory);
        var now = digest(folder);
        if (!before.equals(now)) {
            throw new UserException(
                    ExitCode.CHECK_FAILED,
                    "the weights of %s are not those of %s: their digest is %s, was %s; a worker with another kernel computed, or %s is damaged"
                            .formatted(folder, directory, now, before, OrderFile.NAME));
        }
        System.err.printf("the weights are those of %s%n", directory);
    }

    private static String digest(Path run) {
        try {
            return new ObjectMapper()
                    .readTree(run.resolve(RunSummary.FILE).toFile())
                    .path(DIGEST)
                    .asText();
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.DATA,
                    "cannot read %s: %s".formatted(run.resolve(RunSummary.FILE), Reason.of(e)));
        }
    }
}
