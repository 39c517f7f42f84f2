package dev.tutti.common.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Rounds both operands of every product to {@link Bf16}, and multiplies them in single precision:
 * what 16-bit instructions compute, but for the order of the sums, on a processor without them. It
 * costs time instead of saving it.
 *
 * @param exact multiplies the rounded operands
 */
public record RoundedKernel(Kernel exact) implements Kernel {
    private static final ThreadLocal<Room> ROOM = ThreadLocal.withInitial(Room::new);

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
            MemorySegment out) {
        var room = ROOM.get();
        room.a = rounded(Floats.slice(a, 0, (long) rows * inner), room.a);
        room.b = rounded(Floats.slice(b, 0, (long) inner * columns), room.b);
        exact.multiply(transposeA, transposeB, rows, columns, inner, room.a, room.b, beta, out);
    }

    @Override
    public String name() {
        return "bf16-rounded " + exact.name();
    }

    /** Returns {@code room}, or a larger one, with the rounded floats in front. */
    private static MemorySegment rounded(MemorySegment floats, MemorySegment room) {
        var enough =
                room.byteSize() >= floats.byteSize()
                        ? room
                        : Floats.allocate(Arena.ofAuto(), Floats.count(floats));
        Bf16.round(floats, Floats.slice(enough, 0, Floats.count(floats)));
        return enough;
    }

    /** One thread's rounded operands, kept from call to call. */
    private static final class Room {
        private MemorySegment a = Floats.NONE;
        private MemorySegment b = Floats.NONE;
    }
}
