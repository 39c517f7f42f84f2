package dev.tutti.deploy.bench;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.Transpose;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.Initializers;
import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.layer.Relu;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Sgd;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One training step of a dense net over random samples, and its matrix products alone. */
final class BenchStep {
    /** The nets that Tutti measures itself with, at the batch that one worker gets. */
    static final List<Net> NETS =
            List.of(
                    new Net(784, List.of(2048, 2048), 10, 128),
                    new Net(784, List.of(1024, 1024), 10, 128),
                    new Net(784, List.of(512, 512), 10, 64),
                    new Net(784, List.of(128, 64), 10, 32));

    /** A net of dense layers with rectifiers between them. */
    record Net(int inputs, List<Integer> hidden, int outputs, int batch) {
        String name() {
            var name = new StringBuilder().append(inputs);
            hidden.forEach(units -> name.append('-').append(units));
            return name.append('-').append(outputs).toString();
        }

        Model model() {
            var layers = new ArrayList<Layer>();
            for (var units : hidden) {
                layers.add(Dense.of(units));
                layers.add(new Relu());
            }
            layers.add(Dense.of(outputs));
            return Model.of(layers, Shape.of(inputs), outputs);
        }
    }

    private final Kernel kernel;
    private final Model model;
    private final Loss loss = Losses.CATALOGUE.parse("softmax-cross-entropy");
    private final Workspace workspace;
    private final int batch;
    private final MemorySegment weights;
    private final MemorySegment gradient;
    private final UpdateRule rule = UpdateRule.of(new Sgd(1e-3, 0, false, 0));
    private final List<Runnable> products = new ArrayList<>();

    BenchStep(Arena arena, Kernel kernel, Net net) {
        this.kernel = kernel;
        this.model = net.model();
        this.batch = net.batch();
        this.workspace = new Workspace(arena, model, loss, batch);
        this.weights = Floats.allocate(arena, model.vectorLength());
        this.gradient = Floats.allocate(arena, model.vectorLength());
        model.initialize(Initializers.CATALOGUE.parse("he-normal"), 1, weights);
        var random = Seeds.of(1, "bench");
        for (long i = 0; i < Floats.count(workspace.features()); i++) {
            Floats.set(workspace.features(), i, (float) random.nextDouble());
        }
        for (var row = 0; row < batch; row++) {
            Floats.set(workspace.targets(), row, random.nextInt(net.outputs()));
        }
        gradient(new Recorder(kernel, products));
    }

    /** Takes one step: forward, loss, backward, and the optimizer over all weights. */
    void run() {
        gradient(kernel);
        rule.applyTo(
                0,
                model.parameterCount(),
                0,
                GradientSum.of(gradient, batch),
                List.of(),
                SteppedWeights.inPlace(weights));
    }

    /** Computes the matrix products of a step, and nothing else. */
    void products() {
        products.forEach(Runnable::run);
    }

    private void gradient(Kernel with) {
        var cost =
                model.lossAndGradient(
                        with, loss, weights, workspace, batch, PassContext.EVALUATION, gradient);
        if (Double.isNaN(cost)) {
            throw new IllegalStateException("the cost of a step is NaN");
        }
    }

    /** Notes every product that a step asks for. */
    private record Recorder(Kernel kernel, List<Runnable> out) implements Kernel {
        @Override
        public void multiply(
                Transpose transposeA,
                Transpose transposeB,
                int rows,
                int columns,
                int inner,
                MemorySegment a,
                MemorySegment b,
                float beta,
                MemorySegment product) {
            out.add(() ->
                    kernel.multiply(
                            transposeA, transposeB, rows, columns, inner, a, b, beta, product));
            out.getLast().run();
        }

        @Override
        public String name() {
            return kernel.name();
        }
    }
}
