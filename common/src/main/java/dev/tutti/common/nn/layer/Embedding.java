package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A table of vectors: each whole number of the input is replaced by the row it names, as PyTorch's
 * {@code Embedding}. Only a model's first layer can be one, since a whole number has no derivative.
 *
 * @param count rows of the table
 * @param width floats of a row
 */
public record Embedding(int count, int width) implements Layer {
    /** Refuses an empty table. */
    public Embedding {
        Bounds.atLeast("count", 1, count);
        Bounds.atLeast("width", 1, width);
    }

    @Override
    public Shape outputShape(Shape input) {
        if (input.rank() != 1) {
            throw new IllegalArgumentException("takes a vector of whole numbers, found " + input);
        }
        return Shape.of(input.size(), width);
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of(Parameter.drawn("weight", Shape.of(count, width), width, count));
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var numbers = Floats.count(in);
        for (long i = 0; i < numbers; i++) {
            copyRow(call.weights(), index(in, i, call) * width, i * width, out);
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        call.gradient().fill((byte) 0);
        var numbers = Floats.count(in);
        for (long i = 0; i < numbers; i++) {
            addRow(outGradient, i * width, index(in, i, call) * width, call.gradient());
        }
        if (call.wantsInputGradient()) {
            inGradient.fill((byte) 0);
        }
    }

    private long index(MemorySegment in, long at, LayerCall call) {
        var found = Floats.get(in, at);
        if (!holds(found)) {
            var numbers = call.input().size();
            throw new IllegalArgumentException(
                    "sample %d, input %d: %s"
                            .formatted(
                                    call.pass().sampleAt().applyAsLong((int) (at / numbers)),
                                    at % numbers,
                                    refusal(found)));
        }
        return (long) found;
    }

    /** Tells whether a number names a row of the table. */
    public boolean holds(float number) {
        return number >= 0 && number < count && number == (int) number;
    }

    /** Returns what to say of a number that names none. */
    public String refusal(float number) {
        return "the embedding expected a whole number from 0 to %d, found %s"
                .formatted(count - 1, number);
    }

    private void copyRow(MemorySegment table, long from, long to, MemorySegment out) {
        for (long i = 0; i < width; i++) {
            Floats.set(out, to + i, Floats.get(table, from + i));
        }
    }

    private void addRow(MemorySegment rows, long from, long to, MemorySegment out) {
        for (long i = 0; i < width; i++) {
            Floats.set(out, to + i, Floats.get(out, to + i) + Floats.get(rows, from + i));
        }
    }
}
