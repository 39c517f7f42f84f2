package dev.tutti.deploy.command;

import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.vector.Floats;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.StandardInput;
import dev.tutti.deploy.ground.GroundCheck;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.model.EmbeddingInputs;
import dev.tutti.deploy.model.ModelCard;
import dev.tutti.deploy.model.ModelData;
import dev.tutti.deploy.model.SavedModel;
import dev.tutti.deploy.option.KernelOption;
import dev.tutti.deploy.option.TableOptions;
import dev.tutti.deploy.predict.Answers;
import dev.tutti.deploy.predict.PredictionFormat;
import dev.tutti.deploy.predict.PredictionWriter;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.TargetKind;
import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
        description = "Writes a trained model's predictions for new samples, in their order.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Data is anything that tutti train takes; targets may be absent. It is scaled and coded as in",
            "the training. A table needs the columns that the model was trained on, in any order; for a",
            "model of images they may be the pixels, row by row, scaled as the run scaled them. Images",
            "may be in a folder without classes, or a file alone; they get the size that the model takes.",
            "Of data with its own test set, that is predicted. Each sample gets a line: the class, if",
            "there are classes, and the model's outputs as they are. The line is empty where a value is",
            "missing and the run left such rows out (--missing drop).",
            "",
            "Examples:",
            "  tutti predict --model-dir runs/iris --data new-flowers.csv > predictions.csv",
            "  cat new.csv | tutti predict --model-dir runs/iris --data - --keep id --probabilities",
            "  tutti predict --model-dir runs/photos --data holiday --keep file",
            "  tutti predict --model-dir runs/iris --data new.npy --format npz > predictions.npz"
        })
public final class PredictCommand implements Callable<Integer> {
    private static final int BLOCK_SAMPLES = 256;

    @Option(
            names = "--model-dir",
            paramLabel = "DIR",
            required = true,
            description = "a run's folder")
    private Path modelDirectory = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "NAME|PATH",
            required = true,
            description = "the samples; - for standard input")
    private String data = "";

    @Mixin private TableOptions table = new TableOptions();

    @Option(
            names = "--keep",
            paramLabel = "COL",
            split = ",",
            description =
                    "columns of a table that each line begins with, such as an id; of images: file")
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
                    "csv; jsonl, which is a JSON object in each line; or npz, which is arrays of NumPy; default: ${DEFAULT-VALUE}")
    private PredictionFormat format = PredictionFormat.CSV;

    @Mixin private KernelOption kernel = new KernelOption();

    @Override
    public Integer call() throws IOException {
        Require.that(
                format != PredictionFormat.NPZ || !isTerminal(),
                "--format npz writes bytes, and standard output is a terminal: send it to a file, such as with > predictions.npz");
        var saved = SavedModel.read(modelDirectory);
        var loss = Losses.CATALOGUE.parse(saved.card().loss());
        var answers = new Answers(saved.card(), loss, probabilities);
        var samples = read(saved.card());
        var out = new BufferedOutputStream(System.out, 1 << 16);
        var writer = format.writer(keep, answers, samples.count(), out);
        GroundCheck.require(
                "predicting",
                MemoryNeed.NONE.plus(
                        "a block of samples", Workspace.bytes(saved.model(), loss, BLOCK_SAMPLES)),
                "take a larger machine");
        predict(saved, samples, answers, writer);
        out.flush();
        warn(samples);
        return ExitCode.OK.number();
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private NewSamples read(ModelCard card) {
        var options = ModelData.of(card, StandardInput.place(data), table, TargetKind.VALUES);
        return GroundCheck.opened(
                data, () -> LocalData.sources().samples(options, keep, Arena.ofAuto()));
    }

    private void predict(
            SavedModel saved, NewSamples samples, Answers answers, PredictionWriter writer)
            throws IOException {
        var chosen = kernel.choose();
        var workspace = new Workspace(Arena.ofAuto(), saved.model(), answers.loss(), BLOCK_SAMPLES);
        requireInputs(saved, samples, workspace);
        writer.begin();
        for (var from = 0; from < samples.count(); from += BLOCK_SAMPLES) {
            var to = Math.min(samples.count(), from + BLOCK_SAMPLES);
            gather(samples, from, to, workspace);
            var outputs = saved.model().predict(chosen, saved.weights(), workspace, to - from);
            for (var row = from; row < to; row++) {
                var answer =
                        samples.incomplete().get(row)
                                ? Optional.<Answers.Answer>empty()
                                : Optional.of(answers.of(outputs, row - from));
                writer.add(samples.kept(row), answer);
            }
        }
        writer.end();
    }

    /** Looks at all samples before the first is written. */
    private void requireInputs(SavedModel saved, NewSamples samples, Workspace workspace) {
        if (saved.model().embedding().isEmpty()) {
            return;
        }
        for (var from = 0; from < samples.count(); from += BLOCK_SAMPLES) {
            var to = Math.min(samples.count(), from + BLOCK_SAMPLES);
            var block = gather(samples, from, to, workspace);
            EmbeddingInputs.require(saved.model(), data, saved.card().features(), from, block);
        }
    }

    private static MemorySegment gather(NewSamples samples, int from, int to, Workspace workspace) {
        var block =
                Floats.slice(workspace.features(), 0, (long) (to - from) * samples.sample().size());
        samples.gather(from, to, block);
        return block;
    }

    private void warn(NewSamples samples) {
        samples.notes().forEach(line -> System.err.println("warning: " + line));
        var incomplete = samples.incomplete().cardinality();
        if (incomplete > 0) {
            System.err.printf(
                    "warning: %d of %d rows have no prediction, since a value is missing; the first is row %d behind the names%n",
                    incomplete, samples.count(), samples.incomplete().nextSetBit(0) + 1);
        }
    }
}
