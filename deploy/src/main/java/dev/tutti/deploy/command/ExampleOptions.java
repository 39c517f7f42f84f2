package dev.tutti.deploy.command;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.deploy.cli.ColumnNames;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.model.EmbeddingInputs;
import dev.tutti.deploy.model.StartingWeights;
import dev.tutti.deploy.option.TableOptions;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.Reading;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A model with starting weights and a few samples: what the commands that explain work on. */
final class ExampleOptions {
    @Option(
            names = "--model",
            paramLabel = "LAYERS",
            defaultValue = "dense(2),sigmoid,dense(1),sigmoid",
            description = "layers, or a model by name; default: ${DEFAULT-VALUE}")
    String model = "";

    @Option(
            names = "--loss",
            paramLabel = "NAME",
            defaultValue = "quadratic",
            description = "default: ${DEFAULT-VALUE}")
    String loss = "";

    @Option(
            names = "--data",
            paramLabel = "NAME|PATH",
            description = "samples to use; default: drawn ones of the shape --input")
    Optional<String> data = Optional.empty();

    @Option(
            names = "--targets",
            paramLabel = "COL",
            converter = ColumnNames.Converter.class,
            description =
                    "columns of a table to predict, with commas between them; a name that holds a comma in double quotes; default: the last one")
    ColumnNames targets = ColumnNames.NONE;

    @Mixin TableOptions table = new TableOptions();

    @Option(
            names = "--input",
            paramLabel = "AxBxC",
            defaultValue = "3",
            description = "shape of a drawn sample, such as 3 or 1x8x8; default: ${DEFAULT-VALUE}")
    String input = "";

    @Option(
            names = "--outputs",
            paramLabel = "N",
            description = "outputs for drawn samples, if the model leaves them open; default: 2")
    Optional<Integer> outputs = Optional.empty();

    @Option(
            names = "--initializer",
            paramLabel = "NAME",
            defaultValue = "xavier-uniform",
            description = "draws the weights; default: ${DEFAULT-VALUE}")
    String initializer = "";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "weights and drawn samples follow from it; default: ${DEFAULT-VALUE}")
    long seed;

    /**
     * An example, ready to compute.
     *
     * @param weights the flat vector
     * @param workspace its first rows hold the samples
     */
    record Ready(Model model, Loss loss, MemorySegment weights, Workspace workspace) {}

    /** Returns the example with the samples {@code first} and those behind it. */
    Ready prepare(int first, int samples) {
        var parsed = Losses.CATALOGUE.parse(loss);
        return data.isPresent() ? read(parsed, first, samples) : draw(parsed, samples);
    }

    private Ready read(Loss parsed, int first, int samples) {
        var options =
                DataOptions.of(data.orElseThrow(), parsed.targets())
                        .withTargets(targets.names())
                        .withReading(table.choose(Reading.FOUND_OUT));
        var dataset = LocalData.sources().open(options, Arena.ofAuto());
        if (first < 0 || first + samples > dataset.count()) {
            throw new UserException(
                    ExitCode.USAGE,
                    "%s has %d samples; asked for %d from number %d on"
                            .formatted(dataset.name(), dataset.count(), samples, first));
        }
        var built = Model.of(Zoo.layers(model), dataset.sample(), dataset.outputs());
        var ready = ready(built, parsed, samples);
        var rows = IntStream.range(first, first + samples).toArray();
        EmbeddingInputs.require(built, dataset);
        gather(dataset, rows, built, parsed, ready.workspace());
        return ready;
    }

    private static void gather(
            Dataset dataset, int[] rows, Model built, Loss parsed, Workspace out) {
        dataset.gatherFeatures(rows, 0, rows.length, out.features());
        dataset.gatherTargets(
                rows, 0, rows.length, parsed.targets(), built.output().size(), out.targets());
    }

    private Ready draw(Loss parsed, int samples) {
        var built = Model.of(Zoo.layers(model), shape(), outputs.orElse(lastUnits()));
        var ready = ready(built, parsed, samples);
        var random = Seeds.of(seed, "example");
        var features = ready.workspace().features();
        for (long i = 0; i < Floats.count(features); i++) {
            var drawn =
                    built.embedding()
                            .map(table -> (double) random.nextInt(table.count()))
                            .orElseGet(() -> random.nextGaussian() / 2);
            Floats.set(features, i, (float) drawn.doubleValue());
        }
        var drawn = ready.workspace().targets();
        for (long i = 0; i < Floats.count(drawn); i++) {
            Floats.set(
                    drawn,
                    i,
                    switch (parsed.targets()) {
                        case LABELS -> random.nextInt(built.output().size());
                        case VALUES -> (float) random.nextDouble();
                    });
        }
        return ready;
    }

    private Ready ready(Model built, Loss parsed, int samples) {
        var weights = StartingWeights.draw(built, Initializers.CATALOGUE.parse(initializer), seed);
        var workspace = new Workspace(Arena.ofAuto(), built, parsed, samples);
        return new Ready(built, parsed, weights, workspace);
    }

    /** Returns the width that the model's text gives its last dense layer, or 2. */
    private int lastUnits() {
        return Zoo.layers(model).reversed().stream()
                .filter(Dense.class::isInstance)
                .map(Dense.class::cast)
                .findFirst()
                .map(dense -> dense.units().orElse(2))
                .orElse(2);
    }

    private Shape shape() {
        try {
            return Shape.parse(input);
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--input must be extents such as 3 or 1x8x8, was \"%s\"".formatted(input));
        }
    }
}
