package dev.tutti.deploy;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Loss;
import dev.tutti.common.nn.Losses;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.step.Accuracy;
import dev.tutti.common.step.MemoryNeed;
import dev.tutti.worker.data.CsvFeatures;
import dev.tutti.worker.data.DataOptions;
import dev.tutti.worker.data.TargetKind;
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti predict}: what a trained model says of new samples. */
@Command(
        name = "predict",
        description = "Prints a trained model's predictions for the rows of a CSV file, as CSV.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "The file needs the columns that the model was trained on, in any order; for a model of",
            "images its columns are the pixels, row by row, scaled as the run scaled them.",
            "",
            "Example:",
            "  tutti predict --model-dir runs/iris --data new-flowers.csv > predictions.csv"
        })
final class PredictCommand implements Callable<Integer> {
    private static final int BLOCK_SAMPLES = 256;

    @Option(
            names = "--model-dir",
            paramLabel = "DIR",
            required = true,
            description = "a run's folder")
    private Path modelDirectory = Path.of("");

    @Option(names = "--data", paramLabel = "FILE.csv", required = true, description = "the samples")
    private Path data = Path.of("");

    @Mixin private TableOptions table = new TableOptions();
    @Mixin private KernelOption kernel = new KernelOption();

    @Override
    public Integer call() {
        var saved = SavedModel.read(modelDirectory);
        var card = saved.card();
        var loss = Losses.CATALOGUE.parse(card.loss());
        var width = card.input().size();
        var features =
                CsvFeatures.read(
                        DataOptions.of(data.toString(), TargetKind.VALUES)
                                .withReading(table.choose(card.reading()))
                                .withCoding(card.coding()),
                        width,
                        List.of(),
                        Arena.ofAuto());
        EmbeddingInputs.require(saved.model(), data.toString(), card.features(), features.values());
        var chosen = kernel.choose();
        GroundCheck.require(
                "predicting",
                MemoryNeed.NONE.plus(
                        "a block of samples", Workspace.bytes(saved.model(), loss, BLOCK_SAMPLES)),
                "take a larger machine");
        var workspace = new Workspace(Arena.ofAuto(), saved.model(), loss, BLOCK_SAMPLES);
        var out = standardOutput();
        try {
            out.println(header(card));
            for (var from = 0; from < features.count(); from += BLOCK_SAMPLES) {
                var samples = Math.min(BLOCK_SAMPLES, features.count() - from);
                var block =
                        Floats.slice(
                                features.values(), (long) from * width, (long) samples * width);
                Floats.copy(block, workspace.features());
                var outputs = saved.model().predict(chosen, saved.weights(), workspace, samples);
                print(card, loss, outputs, samples, out);
            }
        } finally {
            out.flush();
        }
        return ExitCode.OK.number();
    }

    private static PrintStream standardOutput() {
        return new PrintStream(
                new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);
    }

    private static String header(ModelCard card) {
        var columns = new ArrayList<String>();
        if (!card.classes().isEmpty()) {
            columns.add("prediction");
            card.classes().forEach(name -> columns.add(quote(name)));
        } else if (!card.targets().isEmpty()) {
            card.targets().forEach(name -> columns.add(quote(name)));
        } else {
            IntStream.range(0, card.outputs()).forEach(k -> columns.add("y" + k));
        }
        return String.join(",", columns);
    }

    private static void print(
            ModelCard card, Loss loss, MemorySegment outputs, int samples, PrintStream out) {
        var width = card.outputs();
        for (var row = 0; row < samples; row++) {
            var cells = new ArrayList<String>();
            if (!card.classes().isEmpty()) {
                var predicted = Accuracy.predicted(loss, outputs, row, width);
                cells.add(quote(card.classes().get(predicted)));
            }
            cells.addAll(values(outputs, row, width));
            out.println(String.join(",", cells));
        }
    }

    private static List<String> values(MemorySegment outputs, int row, int width) {
        var values = Floats.toArray(Floats.slice(outputs, (long) row * width, width));
        return IntStream.range(0, width).mapToObj(k -> Float.toString(values[k])).toList();
    }

    private static String quote(String cell) {
        return cell.matches("[^\",\\r\\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
