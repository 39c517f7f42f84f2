package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A range of a vector.
 *
 * @param offset its first float
 * @param count its floats
 */
public record VectorRange(long offset, long count) {
    /** Returns this range of {@code vector}, or nothing of an empty one. */
    public MemorySegment of(MemorySegment vector) {
        return vector.byteSize() == 0 ? Floats.NONE : Floats.slice(vector, offset, count);
    }

    /** Returns this range of {@code vector}, or nothing of an empty one. */
    public Elements of(Elements vector) {
        return vector.count() == 0 ? Elements.NONE : vector.slice(offset, count);
    }

    /** Returns the range behind this one that the parameters of one kind need. */
    public VectorRange next(List<Parameter> parameters, Parameter.Kind kind) {
        var ofKind = parameters.stream().filter(parameter -> parameter.kind() == kind);
        return new VectorRange(offset + count, ofKind.mapToLong(p -> p.shape().size()).sum());
    }
}
