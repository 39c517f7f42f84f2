package dev.tutti.deploy;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Losses;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.step.MemoryNeed;
import dev.tutti.worker.data.CsvFeatures;
import dev.tutti.worker.data.DataOptions;
import dev.tutti.worker.data.TargetKind;
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti predict}: what a trained model says of new samples. */
@Command(
        name = "predict",
        description = "Prints a trained model's predictions for the rows of a CSV file, in order.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "The file needs the columns that the model was trained on, in any order; for a model of",
            "images its columns are the pixels, row by row, scaled as the run scaled them. Each row",
            "gets a line: the class, if there are classes, and the model's outputs as they are. The line",
            "is empty where a value is missing and the run left such rows out (--missing drop).",
            "",
            "Examples:",
            "  tutti predict --model-dir runs/iris --data new-flowers.csv > predictions.csv",
            "  cat new.csv | tutti predict --model-dir runs/iris --data - --keep id --probabilities"
        })
final class PredictCommand implements Callable<Integer> {
    private static final int BLOCK_SAMPLES = 256;
    private static final String STANDARD_INPUT = "-";

    @Option(
            names = "--model-dir",
            paramLabel = "DIR",
            required = true,
            description = "a run's folder")
    private Path modelDirectory = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "FILE.csv",
            required = true,
            description = "the samples; - for standard input")
    private String data = "";

    @Mixin private TableOptions table = new TableOptions();

    @Option(
            names = "--keep",
            paramLabel = "COL",
            split = ",",
            description = "columns of the file that each line begins with, such as an id")
    private List<String> keep = List.of();

    @Option(
            names = "--probabilities",
            description = "print the probability of each class in place of the outputs as they are")
    private boolean probabilities;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            defaultValue = "csv",
            description =
                    "csv, or jsonl, which is a JSON object in each line; default: ${DEFAULT-VALUE}")
    private PredictionFormat format = PredictionFormat.CSV;

    @Mixin private KernelOption kernel = new KernelOption();

    @Override
    public Integer call() {
        var saved = SavedModel.read(modelDirectory);
        var loss = Losses.CATALOGUE.parse(saved.card().loss());
        var answers = new Answers(saved.card(), loss, probabilities);
        var lines = new PredictionLines(format, keep, answers);
        var features = read(saved.card());
        EmbeddingInputs.require(saved.model(), data, saved.card().features(), features.values());
        GroundCheck.require(
                "predicting",
                MemoryNeed.NONE.plus(
                        "a block of samples", Workspace.bytes(saved.model(), loss, BLOCK_SAMPLES)),
                "take a larger machine");
        print(saved, features, lines);
        warn(features);
        return ExitCode.OK.number();
    }

    private CsvFeatures read(ModelCard card) {
        var fromInput = data.equals(STANDARD_INPUT);
        var options =
                DataOptions.of(fromInput ? "standard input" : data, TargetKind.VALUES)
                        .withReading(table.choose(card.reading()))
                        .withCoding(card.coding());
        var width = card.input().size();
        return fromInput
                ? CsvFeatures.read(System.in, options, width, keep, Arena.ofAuto())
                : CsvFeatures.read(options, width, keep, Arena.ofAuto());
    }

    private void print(SavedModel saved, CsvFeatures features, PredictionLines lines) {
        var width = saved.card().input().size();
        var chosen = kernel.choose();
        var loss = lines.answers().loss();
        var workspace = new Workspace(Arena.ofAuto(), saved.model(), loss, BLOCK_SAMPLES);
        var out = standardOutput();
        try {
            lines.first().ifPresent(out::println);
            for (var from = 0; from < features.count(); from += BLOCK_SAMPLES) {
                var samples = Math.min(BLOCK_SAMPLES, features.count() - from);
                var block =
                        Floats.slice(
                                features.values(), (long) from * width, (long) samples * width);
                Floats.copy(block, workspace.features());
                var outputs = saved.model().predict(chosen, saved.weights(), workspace, samples);
                for (var row = 0; row < samples; row++) {
                    var answer =
                            features.incomplete().get(from + row)
                                    ? Optional.<Answers.Answer>empty()
                                    : Optional.of(lines.answers().of(outputs, row));
                    out.println(lines.line(features.kept().get(from + row), answer));
                }
            }
        } finally {
            out.flush();
        }
    }

    private void warn(CsvFeatures features) {
        features.notes().forEach(line -> System.err.println("warning: " + line));
        var incomplete = features.incomplete().cardinality();
        if (incomplete > 0) {
            System.err.printf(
                    "warning: %d of %d rows have no prediction, since a value is missing; the first is row %d behind the names%n",
                    incomplete, features.count(), features.incomplete().nextSetBit(0) + 1);
        }
    }

    private static PrintStream standardOutput() {
        return new PrintStream(
                new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);
    }
}
