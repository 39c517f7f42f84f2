package dev.tutti.deploy.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.average.Totals;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Split;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.report.Report;
import dev.tutti.common.report.Tally;
import dev.tutti.common.step.compute.Baseline;
import dev.tutti.common.step.compute.Evaluator;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.vector.Elements;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.StandardInput;
import dev.tutti.deploy.ground.GroundCheck;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.model.EmbeddingInputs;
import dev.tutti.deploy.model.ModelCard;
import dev.tutti.deploy.model.ModelData;
import dev.tutti.deploy.model.SavedModel;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.option.KernelOption;
import dev.tutti.deploy.option.TableOptions;
import dev.tutti.deploy.report.NoBetter;
import dev.tutti.deploy.report.ReportTable;
import dev.tutti.deploy.run.RunDirectory;
import dev.tutti.worker.data.source.TargetKind;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti evaluate}: loss, accuracy and report of a trained model. */
@Command(
        name = "evaluate",
        description = "Measures a trained model: on its run's test samples, or on other data.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti evaluate --model-dir runs/digits-20261122-101500",
            "  tutti evaluate --model-dir runs/iris --data more-iris.csv --json"
        })
public final class EvaluateCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--model-dir",
            paramLabel = "DIR",
            required = true,
            description = "a run's folder")
    private Path modelDirectory = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "NAME|PATH",
            description =
                    "other data: its test set if it has one, or else all of it; default: the test samples of the run's own data")
    private Optional<String> data = Optional.empty();

    @Mixin private TableOptions table = new TableOptions();
    @Mixin private KernelOption kernel = new KernelOption();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        var saved = SavedModel.read(modelDirectory);
        var dataset = open(saved.card());
        EmbeddingInputs.require(saved.model(), dataset);
        var rows = rows(saved.card(), dataset);
        var loss = Losses.CATALOGUE.parse(saved.card().loss());
        GroundCheck.require("evaluating", workspace(saved, loss), "take a larger machine");
        var evaluator =
                new Evaluator(Arena.ofAuto(), dataset, saved.model(), loss, kernel.choose());
        var tally =
                Tally.of(
                        dataset,
                        loss,
                        rows,
                        saved.model().output().size(),
                        saved.card().targetScaling());
        var totals =
                evaluator.evaluate(Elements.of(saved.weights()), rows, 0, rows.length, tally::add);
        var baseline =
                saved.card()
                        .baseline()
                        .map(answer -> answer.over(dataset, rows, loss))
                        .orElse(Baseline.Figures.NONE);
        print(dataset, totals, baseline, tally.report(), saved.card().targetScaling().isPresent());
        NoBetter.line(
                        "%d samples".formatted(rows.length),
                        loss,
                        tally.report(),
                        totals.meanLoss(),
                        baseline)
                .ifPresent(System.err::println);
        return ExitCode.OK.number();
    }

    private static MemoryNeed workspace(SavedModel saved, Loss loss) {
        return MemoryNeed.NONE.plus(
                "a block of samples",
                Workspace.bytes(saved.model(), loss, Evaluator.BLOCK_SAMPLES));
    }

    private Dataset open(ModelCard card) {
        var loss = Losses.CATALOGUE.parse(card.loss());
        var wanted =
                ModelData.of(
                                card,
                                data.map(StandardInput::place).orElseGet(() -> dataOf(card)),
                                table,
                                kind(card, loss))
                        .withFeatures(card.fitted().columnNames())
                        .withTargets(card.targets())
                        .withClasses(card.classes());
        var opened =
                GroundCheck.opened(
                        wanted.source(),
                        () -> {
                            try (var raw = LocalData.sources().read(wanted, Arena.ofAuto())) {
                                var encoded = raw.encode(card.fitted());
                                raw.notes().forEach(line -> System.err.println("warning: " + line));
                                return encoded;
                            }
                        });
        var dataset =
                card.targetScaling()
                        .map(scaling -> scaling.applyToTargets(opened, Arena.ofAuto()))
                        .orElse(opened);
        wanted.requireSample(dataset.name(), dataset.sample());
        return dataset;
    }

    /** Returns the run's own data: where its folder says it is, or as the model names it. */
    private String dataOf(ModelCard card) {
        var configuration = modelDirectory.resolve(RunDirectory.CONFIGURATION);
        var named =
                Files.isRegularFile(configuration)
                        ? ConfigFile.read(configuration).getOrDefault(ConfigFile.DATA, card.data())
                        : card.data();
        StandardInput.requireAgain(named);
        return named;
    }

    /** Returns what the model takes its target for. */
    private static TargetKind kind(ModelCard card, Loss loss) {
        return card.columnar() && card.classes().isEmpty()
                ? TargetKind.VALUES
                : TargetKind.of(loss.targets());
    }

    private int[] rows(ModelCard card, Dataset dataset) {
        if (data.isEmpty()) {
            var split =
                    Split.of(
                            dataset.count(),
                            dataset.testCount(),
                            dataset.targets(),
                            card.validation(),
                            card.test(),
                            card.seed());
            if (split.test().length > 0) {
                return split.test();
            }
        }
        return dataset.testCount() > 0
                ? IntStream.range(dataset.count() - dataset.testCount(), dataset.count()).toArray()
                : IntStream.range(0, dataset.count()).toArray();
    }

    private void print(
            Dataset dataset,
            Totals totals,
            Baseline.Figures baseline,
            Report report,
            boolean standardizedTargets)
            throws JsonProcessingException {
        var accuracy = (double) totals.correct() / totals.samples();
        if (!json) {
            System.out.printf(
                    "%s: %d samples, loss %.4f%s%n",
                    dataset.name(),
                    totals.samples(),
                    totals.meanLoss(),
                    dataset.labelled()
                            ? ", accuracy %.4f".formatted(accuracy)
                            : standardizedTargets ? " of standardised targets" : "");
            ReportTable.lines(report, "--json gives all").forEach(System.out::println);
            return;
        }
        var figures = new LinkedHashMap<String, Object>();
        figures.put("data", dataset.name());
        figures.put("samples", totals.samples());
        figures.put("loss", totals.meanLoss());
        if (dataset.labelled()) {
            figures.put("accuracy", accuracy);
        }
        if (standardizedTargets) {
            figures.put("standardizedTargets", true);
        }
        baseline.loss().ifPresent(value -> figures.put("baselineLoss", value));
        baseline.accuracy().ifPresent(value -> figures.put("baselineAccuracy", value));
        figures.put("report", report);
        System.out.println(JSON.writeValueAsString(figures));
    }
}
