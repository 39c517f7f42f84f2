package dev.tutti.common.graph;

import dev.tutti.common.graph.check.GradientCheck;
import dev.tutti.common.graph.check.GradientReport;
import dev.tutti.common.graph.form.ModelGraph;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.XavierNormal;
import dev.tutti.common.nn.layer.Embedding;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A model with random weights and a random batch in its workspace, all from one seed.
 *
 * @param pass training, so that every difference between training and evaluation is seen
 */
public record Batches(
        Model model,
        Loss loss,
        MemorySegment weights,
        Workspace workspace,
        int samples,
        PassContext pass,
        long seed) {
    public static Batches draw(
            Arena arena, String layers, Shape input, int outputs, String loss, long seed) {
        return draw(
                arena,
                Model.of(Layers.CATALOGUE.parseList(layers), input, outputs),
                Losses.CATALOGUE.parse(loss),
                seed);
    }

    public static Batches draw(Arena arena, Model model, Loss loss, long seed) {
        var samples = 3;
        var random = Seeds.of(seed, "test-batch");
        var weights = Floats.allocate(arena, model.vectorLength());
        model.initialize(new XavierNormal(), seed, weights);
        for (var i = 0L; i < model.vectorLength(); i++) {
            // Also what starts at zero or one is moved, so that no derivative is trivial.
            Floats.set(weights, i, Floats.get(weights, i) + 0.1f * (float) random.nextGaussian());
        }
        var workspace = new Workspace(arena, model, loss, samples);
        for (var i = 0L; i < Floats.count(workspace.features()); i++) {
            var feature =
                    model.layers().getFirst() instanceof Embedding table
                            ? random.nextInt(table.count())
                            : random.nextGaussian();
            Floats.set(workspace.features(), i, (float) feature);
        }
        for (var i = 0L; i < Floats.count(workspace.targets()); i++) {
            var target =
                    switch (loss.targets()) {
                        case LABELS -> random.nextInt(model.output().size());
                        case VALUES -> random.nextDouble();
                    };
            Floats.set(workspace.targets(), i, (float) target);
        }
        var pass = new PassContext(PassContext.Mode.TRAINING, seed, 7, row -> 100L + row);
        return new Batches(model, loss, weights, workspace, samples, pass, seed);
    }

    /** Returns the same batch in another pass. */
    public Batches in(PassContext other) {
        return new Batches(model, loss, weights, workspace, samples, other, seed);
    }

    /** Returns a workspace of another model over the same batch. */
    public static Workspace copy(Arena arena, Model model, Loss loss, Workspace from) {
        var workspace = new Workspace(arena, model, loss, from.samplesMax());
        Floats.copy(from.features(), workspace.features());
        Floats.copy(from.targets(), workspace.targets());
        return workspace;
    }

    public ModelGraph graph() {
        return ModelGraph.of(model, loss, weights, workspace, samples, pass);
    }

    public GradientReport check() {
        return GradientCheck.check(
                new PlainKernel(), model, loss, weights, workspace, samples, pass, seed);
    }
}
