package dev.tutti.common.nn;

import static dev.tutti.common.nn.init.Parameter.Kind.STATISTIC;
import static dev.tutti.common.nn.init.Parameter.Kind.TRAINED;

import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.init.Initializer;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.layer.BackwardProgress;
import dev.tutti.common.nn.layer.Chain;
import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.layer.Embedding;
import dev.tutti.common.nn.layer.Flatten;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.LayerCall;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.layer.VectorRange;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A network over one flat vector: first all trained parameters, layer by layer, then all
 * statistics. Immutable, and used by all threads at once; what a pass writes is in its {@link
 * Workspace}.
 */
public final class Model {
    /**
     * A parameter's place in the flat vector.
     *
     * @param name layer index and parameter name, {@code 0.weight}, as a PyTorch {@code
     *     nn.Sequential} names it in its {@code state_dict}
     * @param shape as there
     * @param offset index of its first float
     * @param parameter what the layer declared
     */
    public record Placed(String name, Shape shape, long offset, Parameter parameter) {}

    private final Chain chain;
    private final Shape input;
    private final List<Placed> parameters;
    private final VectorRange trained;
    private final VectorRange statistics;
    private final List<BatchRound> rounds;

    private Model(Chain chain, Shape input) {
        this.chain = chain;
        this.input = input;
        this.parameters = place(chain.parameters());
        this.trained = new VectorRange(0, 0).next(chain.parameters(), TRAINED);
        this.statistics = trained.next(chain.parameters(), STATISTIC);
        this.rounds = rounds(chain.roundsOverBatch());
    }

    /**
     * Returns the model of these layers.
     *
     * <p>A leading dense layer takes a sample of any shape as a vector. The last dense layer may
     * leave out its units: it gets {@code outputs}.
     *
     * @param input shape of one sample
     * @param outputs outputs that the data asks for: its classes, or its target columns
     * @throws PlugInException if the layers do not fit together, or not to {@code outputs}
     */
    public static Model of(List<Layer> layers, Shape input, int outputs) {
        var resolved = resolve(layers, outputs);
        var flat = resolved.getFirst() instanceof Dense ? Shape.of(input.size()) : input;
        var chain = Chain.of(resolved, flat);
        if (chain.output().size() != outputs) {
            throw new PlugInException(
                    "the model gives %s = %d outputs, the data asks for %d; end it with dense"
                            .formatted(chain.output(), chain.output().size(), outputs));
        }
        refuseLateEmbedding(resolved);
        return new Model(chain, input);
    }

    /** Behind a layer that computes, an embedding would get no whole numbers. */
    private static void refuseLateEmbedding(List<Layer> layers) {
        for (var i = 0; i < layers.size(); i++) {
            if (layers.get(i) instanceof Embedding late
                    && !layers.subList(0, i).stream().allMatch(Flatten.class::isInstance)) {
                throw new PlugInException(
                        "layer %d (%s) takes the whole numbers of a sample: only flatten may stand in front"
                                .formatted(i, Layers.CATALOGUE.format(late)));
            }
        }
    }

    private static List<Layer> resolve(List<Layer> layers, int outputs) {
        if (layers.isEmpty()) {
            throw new PlugInException("a model needs at least one layer, such as dense");
        }
        var resolved = new ArrayList<>(layers);
        for (var i = resolved.size() - 1; i >= 0; i--) {
            if (resolved.get(i) instanceof Dense dense) {
                if (dense.units().isEmpty()) {
                    resolved.set(i, new Dense(OptionalInt.of(outputs)));
                }
                break;
            }
        }
        return resolved;
    }

    private static List<Placed> place(List<Parameter> declared) {
        var placed = new ArrayList<Placed>();
        long offset = 0;
        for (var kind : Parameter.Kind.values()) {
            for (var parameter : declared) {
                if (parameter.kind() == kind) {
                    placed.add(new Placed(parameter.name(), parameter.shape(), offset, parameter));
                    offset += parameter.shape().size();
                }
            }
        }
        return List.copyOf(placed);
    }

    /** Returns the layers, with every number of units filled in. */
    public List<Layer> layers() {
        return chain.layers();
    }

    /** Returns the embedding that the numbers of a sample name rows of, if there is one. */
    public Optional<Embedding> embedding() {
        return layers().stream()
                .filter(Embedding.class::isInstance)
                .map(Embedding.class::cast)
                .findFirst();
    }

    /** Returns the shape of one sample. */
    public Shape input() {
        return input;
    }

    /** Returns the shape of one sample's output. */
    public Shape output() {
        return chain.output();
    }

    /** Returns the parameters in the order of the flat vector. */
    public List<Placed> parameters() {
        return parameters;
    }

    /** Returns the first float of each layer that has trained parameters, in ascending order. */
    public List<Long> layerOffsets() {
        var offsets = new ArrayList<Long>();
        var last = "";
        for (var placed : parameters) {
            var layer = placed.name().substring(0, placed.name().lastIndexOf('.') + 1);
            if (placed.parameter().kind() == TRAINED && !layer.equals(last)) {
                offsets.add(placed.offset());
                last = layer;
            }
        }
        return List.copyOf(offsets);
    }

    /** Returns how many floats are trained: the front part of the flat vector. */
    public long parameterCount() {
        return trained.count();
    }

    /** Returns the length of the flat vector: trained floats, then statistics. */
    public long vectorLength() {
        return trained.count() + statistics.count();
    }

    /**
     * Returns what training asks of the whole batch, round by round, before a shard's gradient can
     * be computed; nothing unless a layer normalises over the batch.
     */
    public List<BatchRound> rounds() {
        return rounds;
    }

    /** Returns the model as its canonical text. */
    public String text() {
        return Layers.CATALOGUE.formatList(layers());
    }

    /** Writes the starting values of all parameters, a pure function of {@code seed}. */
    public void initialize(Initializer initializer, long seed, MemorySegment out) {
        for (var i = 0; i < parameters.size(); i++) {
            var placed = parameters.get(i);
            var values = Floats.slice(out, placed.offset(), placed.shape().size());
            switch (placed.parameter().start()) {
                case DRAWN ->
                        initializer.fill(
                                placed.parameter(), Seeds.of(seed, "initialize", i), values);
                case ZERO -> values.fill((byte) 0);
                case ONE -> Floats.fill(1f, values);
            }
        }
    }

    /**
     * Writes the gradient sum of the first {@code samples} rows of the workspace, and returns their
     * Σ C_i.
     *
     * @param weights the flat vector
     * @param gradient as long, overwritten; behind the trained part, the changes that the samples
     *     ask of the statistics, summed
     */
    public double lossAndGradient(
            Kernel kernel,
            Loss loss,
            MemorySegment weights,
            Workspace workspace,
            int samples,
            PassContext pass,
            MemorySegment gradient) {
        require(vectorLength(), Floats.count(gradient));
        return lossAndGradient(
                kernel,
                loss,
                Elements.of(weights),
                workspace,
                samples,
                pass,
                Elements.of(trained.of(gradient)),
                statistics.of(gradient),
                BackwardProgress.NONE);
    }

    /**
     * The same of vectors of either precision, and tells of the gradient as it comes, the last
     * layer's first. Of a model with statistics nothing is told before all of them are known.
     *
     * @param weights the flat vector
     * @param gradient of the trained part, overwritten
     * @param statisticSums the changes that the samples ask of the statistics, summed
     */
    public double lossAndGradient(
            Kernel kernel,
            Loss loss,
            Elements weights,
            Workspace workspace,
            int samples,
            PassContext pass,
            Elements gradient,
            MemorySegment statisticSums,
            BackwardProgress progress) {
        require(trained.count(), gradient.count());
        if (samples == 0) {
            gradient.memory().fill((byte) 0);
            statisticSums.fill((byte) 0);
            progress.known(0, 0);
            return 0;
        }
        var call = call(kernel, weights, gradient, statisticSums, workspace, samples, pass);
        var features = workspace.features(samples);
        var outputs = chain.forward(call, features);
        requireKnown(pass);
        var cost = cost(loss, workspace, call, outputs);
        chain.backward(call, features, Floats.NONE, from -> progress.known(from, cost));
        requireKnown(pass);
        progress.known(0, cost);
        return cost;
    }

    private static void requireKnown(PassContext pass) {
        if (pass.isOver()) {
            throw new IllegalStateException("a gradient needs all statistics of the batch");
        }
    }

    /**
     * Returns what the first {@code samples} rows of the workspace contribute to the first of the
     * {@link #rounds} that the pass does not know.
     *
     * @param gradient of the trained part, overwritten: scratch
     * @param statisticSums scratch too
     */
    public BatchStatistics statistics(
            Kernel kernel,
            Loss loss,
            Elements weights,
            Workspace workspace,
            int samples,
            PassContext pass,
            Elements gradient,
            MemorySegment statisticSums) {
        var call = call(kernel, weights, gradient, statisticSums, workspace, samples, pass);
        var features = workspace.features(samples);
        var outputs = chain.forward(call, features);
        if (!pass.isOver()) {
            var _ = cost(loss, workspace, call, outputs);
            chain.backward(call, features, Floats.NONE);
        }
        return pass.batch()
                .contribution()
                .orElseThrow(() -> new IllegalStateException("the pass knows all of the batch"));
    }

    /**
     * Returns Σ C_i of the first {@code samples} rows of the workspace, whose outputs can be read
     * there afterwards.
     */
    public double loss(
            Kernel kernel,
            Loss loss,
            Elements weights,
            Workspace workspace,
            int samples,
            PassContext pass) {
        if (samples == 0) {
            return 0;
        }
        var call = forwardCall(kernel, weights, workspace, samples, pass);
        return cost(loss, workspace, call, chain.forward(call, workspace.features(samples)));
    }

    /** The same with weights that are floats. */
    public double loss(
            Kernel kernel,
            Loss loss,
            MemorySegment weights,
            Workspace workspace,
            int samples,
            PassContext pass) {
        return loss(kernel, loss, Elements.of(weights), workspace, samples, pass);
    }

    /**
     * Returns the outputs of the first {@code samples} rows of the workspace: samples × output, a
     * view that the next pass overwrites.
     */
    public MemorySegment predict(
            Kernel kernel, MemorySegment weights, Workspace workspace, int samples) {
        if (samples > 0) {
            var call =
                    forwardCall(
                            kernel,
                            Elements.of(weights),
                            workspace,
                            samples,
                            PassContext.EVALUATION);
            chain.forward(call, workspace.features(samples));
        }
        return workspace.outputs(samples);
    }

    Chain chain() {
        return chain;
    }

    private double cost(Loss loss, Workspace workspace, LayerCall call, MemorySegment outputs) {
        return loss.cost(
                call.samples(),
                chain.output().size(),
                outputs,
                workspace.targets(call.samples()),
                chain.outGradient(call));
    }

    private LayerCall forwardCall(
            Kernel kernel, Elements weights, Workspace workspace, int samples, PassContext pass) {
        return call(kernel, weights, Elements.NONE, Floats.NONE, workspace, samples, pass);
    }

    private LayerCall call(
            Kernel kernel,
            Elements weights,
            Elements gradient,
            MemorySegment statisticSums,
            Workspace workspace,
            int samples,
            PassContext pass) {
        require(vectorLength(), weights.count());
        return new LayerCall(
                kernel,
                pass,
                0,
                chain.input(),
                chain.output(),
                samples,
                trained.of(weights),
                statistics.of(weights).floats(workspace.statistics()),
                gradient,
                statisticSums,
                workspace.scratch(),
                false);
    }

    /** The backward pass comes to the layers in the reverse order. */
    private static List<BatchRound> rounds(List<BatchRound> forward) {
        var backward = forward.reversed().stream().map(BatchRound::backward);
        return Stream.concat(forward.stream(), backward).toList();
    }

    /** Refuses a vector of another length: a caller's bug. */
    private static void require(long expected, long found) {
        if (found != expected) {
            throw new IllegalArgumentException(
                    "the model has %d floats, the vector %d".formatted(expected, found));
        }
    }
}
