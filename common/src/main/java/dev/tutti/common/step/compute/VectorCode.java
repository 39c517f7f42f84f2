package dev.tutti.common.step.compute;

import dev.tutti.common.compress.CodeReader;
import dev.tutti.common.compress.CodeWriter;
import dev.tutti.common.compress.Compressor;
import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * The code of a flat vector: tensor by tensor as a compressor writes it, and behind them the
 * statistics as they are. An instance serves one thread.
 */
public final class VectorCode {
    /**
     * A vector that was compressed.
     *
     * @param code its bytes
     * @param after what is kept for the next one
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
    public record Encoded(byte[] code, CompressorState after) {}

    private record Tensor(long offset, Compressor.Matrix matrix) {}

    private final Compressor compressor;
    private final long seed;
    private final List<Tensor> tensors;
    private final long trained;
    private final long length;
    private final float[] values;
    private final CodeWriter out = new CodeWriter();

    private VectorCode(Compressor compressor, long seed, Model model) {
        this.compressor = compressor;
        this.seed = seed;
        this.tensors =
                model.parameters().stream()
                        .map(placed ->
                                new Tensor(placed.offset(), Compressor.Matrix.of(placed.shape())))
                        .toList();
        this.trained = model.parameterCount();
        this.length = model.vectorLength();
        this.values = new float[tensors.stream().mapToInt(t -> t.matrix().count()).max().orElse(0)];
    }

    /** Returns the code of the gradients of a run; empty if they travel as they are. */
    public static Optional<VectorCode> ofGradients(RunSpec spec, Model model) {
        return of(spec.compressor(), spec.seed(), model);
    }

    /** Returns the code of the weights' changes; empty if the weights travel whole. */
    public static Optional<VectorCode> ofChanges(RunSpec spec, Model model) {
        return of(spec.changeCompressor(), spec.seed(), model);
    }

    private static Optional<VectorCode> of(Compressor compressor, long seed, Model model) {
        return compressor.isNeutral()
                ? Optional.empty()
                : Optional.of(new VectorCode(compressor, seed, model));
    }

    /** Returns the most bytes of a code. */
    public long bytesMax() {
        return tensors.stream().mapToLong(t -> compressor.bytesMax(t.matrix())).sum()
                + (length - trained) * Floats.BYTES;
    }

    /** Returns what is kept before the first vector. */
    public CompressorState zero() {
        return new CompressorState(
                tensors.stream()
                        .map(t -> new float[compressor.states()][t.matrix().count()])
                        .toArray(float[][][]::new));
    }

    /**
     * Tells whether who reads the codes keeps the same as who writes them: it is then the vector
     * that the last code stands for.
     */
    public boolean sharesState() {
        return compressor.sharesState();
    }

    /** Returns the bytes that {@link #bytes} takes for a state. */
    public long stateBytes() {
        return compressor.states() * trained * Floats.BYTES;
    }

    /** Returns a state as bytes: vector by vector, each tensor by tensor. */
    public byte[] bytes(CompressorState state) {
        var bytes = ByteBuffer.allocate(Math.toIntExact(stateBytes()));
        var floats = bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (var i = 0; i < compressor.states(); i++) {
            for (var tensor : state.tensors()) {
                floats.put(tensor[i]);
            }
        }
        return bytes.array();
    }

    /**
     * Returns the state that {@link #bytes} made these of.
     *
     * @param bytes as many as {@link #stateBytes}
     */
    public CompressorState state(byte[] bytes) {
        var floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var state = zero();
        for (var i = 0; i < compressor.states(); i++) {
            for (var tensor : state.tensors()) {
                floats.get(tensor[i]);
            }
        }
        return state;
    }

    /**
     * Compresses a vector.
     *
     * @param batch that it is of, for what is drawn
     * @param shard that it is of
     * @param vector replaced by what its code stands for
     */
    public Encoded encode(long batch, int shard, MemorySegment vector, CompressorState before) {
        var after = new float[tensors.size()][][];
        for (var index = 0; index < tensors.size(); index++) {
            var tensor = tensors.get(index);
            var count = tensor.matrix().count();
            after[index] = copy(before.tensors()[index]);
            Blocks.load(vector, tensor.offset(), count, values);
            compressor.encode(
                    new Compressor.Scene(seed, batch, shard, index),
                    tensor.matrix(),
                    values,
                    after[index],
                    out);
            out.align();
            Blocks.store(values, tensor.offset(), count, vector);
        }
        for (var at = trained; at < length; at++) {
            out.number(Floats.get(vector, at));
        }
        return new Encoded(out.take(), new CompressorState(after));
    }

    private static float[][] copy(float[][] vectors) {
        var copy = new float[vectors.length][];
        for (var i = 0; i < vectors.length; i++) {
            copy[i] = vectors[i].clone();
        }
        return copy;
    }

    /**
     * Writes what a code stands for.
     *
     * @param batch as it was encoded, as the shard
     * @param before what was kept before, if it is {@linkplain #sharesState shared}
     * @param vector as long as the model's vector, overwritten
     * @throws IllegalArgumentException with one line, if no vector of the model has such a code
     */
    public void decode(
            long batch, int shard, byte[] code, CompressorState before, MemorySegment vector) {
        var in = new CodeReader(code);
        for (var index = 0; index < tensors.size(); index++) {
            var tensor = tensors.get(index);
            var scene = new Compressor.Scene(seed, batch, shard, index);
            var state = sharesState() ? copy(before.tensors()[index]) : Compressor.NO_STATE;
            compressor.decode(scene, tensor.matrix(), in, state, values);
            in.align();
            Blocks.store(values, tensor.offset(), tensor.matrix().count(), vector);
        }
        for (var at = trained; at < length; at++) {
            Floats.set(vector, at, in.number());
        }
        if (!in.isAtEnd()) {
            throw new IllegalArgumentException("a code that goes on behind its last number");
        }
    }
}
