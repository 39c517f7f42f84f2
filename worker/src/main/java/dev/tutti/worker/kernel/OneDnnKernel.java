package dev.tutti.worker.kernel;

import dev.tutti.common.kernel.GrowingBuffer;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.Operands;
import dev.tutti.common.kernel.RoundedKernel;
import dev.tutti.common.kernel.Transpose;
import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Matrix multiplication by oneDNN, called through the foreign-function API, one thread a call.
 *
 * <p>Two ways of it, chosen by the shape alone: the plain call, and code compiled for one shape.
 * The latter is a tenth to a quarter faster where the right factor is stored transposed, as in a
 * forward pass; nearly twice as fast where rows lie a multiple of 2 KiB apart (they fight for the
 * same lines of the first-level cache) or where there is little to sum; a tenth where the left one
 * is transposed and much is summed, as in weight gradients of many samples; and slower for most
 * other shapes.
 *
 * <p>A matrix of one row or column looks the same stored in either order, and oneDNN 3.11 can take
 * one for the other between planning a compiled product and running it, which then writes beyond
 * its memory (its pull request 5043). So a product with an extent of one is always a plain call.
 *
 * <p>With 16-bit operands, both are rounded to {@link Bf16} first, unless they are such already,
 * and the products are added in single precision; denormal numbers count as zero. Only for
 * processors that have instructions for it: see {@link #bf16}.
 */
public final class OneDnnKernel implements Kernel {
    private static final int FIGHTING_FLOATS = 512;
    private static final int FEW_TERMS = 32;
    private static final int FEW_ROWS = 16;
    private static final int FEW_COLUMNS = 16;
    private static final int MANY_TERMS = 128;

    private final OneDnn library;
    private final Precision type;
    private final ThreadLocal<ThreadState> states;

    /** Multiplies 16-bit operands where that may not be compiled. */
    private final Optional<Kernel> rounded;

    private OneDnnKernel(OneDnn library, Precision type, Optional<Kernel> rounded) {
        this.library = library;
        this.type = type;
        this.states = ThreadLocal.withInitial(() -> new ThreadState(library));
        this.rounded = rounded;
    }

    /**
     * Binds the kernel to a loaded oneDNN.
     *
     * @param library the library's symbols; must outlive the kernel
     * @param openMp those of the OpenMP library that it uses
     * @throws IllegalArgumentException if a needed symbol is missing; the message names it
     */
    public OneDnnKernel(SymbolLookup library, SymbolLookup openMp) {
        this(new OneDnn(library, openMp), Precision.FP32, Optional.empty());
    }

    /** Tells whether this processor has vectors of 512 bits (AVX-512), and products use them. */
    public boolean hasAvx512() {
        return library.hasAvx512();
    }

    /** Tells whether this processor has instructions for products of 16-bit numbers. */
    public boolean hasBf16() {
        return library.hasBf16();
    }

    /**
     * Returns the kernel that rounds operands to 16 bits.
     *
     * @throws IllegalStateException if the processor {@linkplain #hasBf16 lacks the instructions}
     */
    public OneDnnKernel bf16() {
        if (!hasBf16()) {
            throw new IllegalStateException(
                    "this processor has no bf16 instructions (oneDNN's instruction set %x)"
                            .formatted(library.instructions()));
        }
        return new OneDnnKernel(library, Precision.BF16, Optional.of(new RoundedKernel(this)));
    }

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
        // Native code checks nothing: a wrong size here would corrupt memory silently.
        Operands.requireSize("a", a, rows, inner);
        Operands.requireSize("b", b, inner, columns);
        Operands.requireSize("out", out, rows, columns);
        requireBeta(beta);
        if (rows == 0 || columns == 0 || inner == 0) {
            if (beta == 0f) {
                Floats.slice(out, 0, (long) rows * columns).fill((byte) 0);
            }
            return;
        }
        if (type == Precision.BF16) {
            multiply(
                    transposeA,
                    transposeB,
                    rows,
                    columns,
                    inner,
                    Elements.of(a),
                    Elements.of(b),
                    beta,
                    Elements.of(out));
        } else if (isCompiled(transposeA, transposeB, rows, columns, inner)) {
            var adds = beta == 1f;
            var form =
                    new OneDnnProduct.Form(
                            type, type, transposeA, transposeB, rows, columns, inner, adds);
            var state = states.get();
            state.product(form).run(state.stream, a, b, out);
        } else {
            library.sgemm(transposeA, transposeB, rows, columns, inner, a, b, beta, out);
        }
    }

    @Override
    public void multiply(
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            Elements a,
            Elements b,
            float beta,
            Elements out) {
        var empty = rows == 0 || columns == 0 || inner == 0;
        var sumIsThere = out.precision() == Precision.FP32 || beta == 0f;
        if (type == Precision.FP32 || empty || !sumIsThere) {
            Kernel.super.multiply(transposeA, transposeB, rows, columns, inner, a, b, beta, out);
            return;
        }
        Operands.requireSize("a", a, rows, inner);
        Operands.requireSize("b", b, inner, columns);
        Operands.requireSize("out", out, rows, columns);
        requireBeta(beta);
        if (isLine(rows, columns, inner)) {
            rounded.orElseThrow()
                    .multiply(transposeA, transposeB, rows, columns, inner, a, b, beta, out);
            return;
        }
        var form =
                new OneDnnProduct.Form(
                        type,
                        out.precision(),
                        transposeA,
                        transposeB,
                        rows,
                        columns,
                        inner,
                        beta == 1f);
        var state = states.get();
        state.product(form)
                .run(
                        state.stream,
                        state.rounded(a, (long) rows * inner, state.bufferA),
                        state.rounded(b, (long) inner * columns, state.bufferB),
                        out.memory());
    }

    private static void requireBeta(float beta) {
        if (beta != 0f && beta != 1f) {
            throw new IllegalArgumentException("beta must be 0 or 1, was " + beta);
        }
    }

    private static boolean isLine(int rows, int columns, int inner) {
        return rows == 1 || columns == 1 || inner == 1;
    }

    private static boolean isCompiled(
            Transpose transposeA, Transpose transposeB, int rows, int columns, int inner) {
        if (isLine(rows, columns, inner)) {
            return false;
        }
        var plainB = transposeB == Transpose.NO;
        var plainA = transposeA == Transpose.NO;
        return inner < FEW_TERMS
                || (rows < FEW_ROWS && !plainA)
                || (plainA && !plainB && columns >= FEW_COLUMNS)
                || (plainB
                        && (columns % FIGHTING_FLOATS == 0
                                ? plainA || columns == FIGHTING_FLOATS
                                : !plainA && inner >= MANY_TERMS));
    }

    @Override
    public String name() {
        return "%s %s %x"
                .formatted(
                        type == Precision.FP32 ? "onednn" : "onednn-bf16",
                        library.version(),
                        library.instructions())
                .toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return name();
    }

    /** What one thread keeps: compiled products may not move between threads. */
    private static final class ThreadState {
        private final OneDnn library;
        private final MemorySegment stream;
        private final Map<OneDnnProduct.Form, OneDnnProduct> products = new HashMap<>();
        private final Map<Long, OneDnnRounding> roundings = new HashMap<>();
        private final GrowingBuffer bufferA = new GrowingBuffer();
        private final GrowingBuffer bufferB = new GrowingBuffer();

        ThreadState(OneDnn library) {
            this.library = library;
            library.useOneThread();
            this.stream = library.stream();
        }

        OneDnnProduct product(OneDnnProduct.Form form) {
            return products.computeIfAbsent(form, key -> new OneDnnProduct(library, key));
        }

        /** Returns an operand in 16 bits: where it is, or its first numbers in a buffer. */
        MemorySegment rounded(Elements operand, long count, GrowingBuffer buffer) {
            if (operand.precision() == Precision.BF16) {
                return operand.memory();
            }
            var out = buffer.bytes(count * Bf16.BYTES);
            roundings
                    .computeIfAbsent(count, key -> new OneDnnRounding(library, key))
                    .run(stream, operand.floats(), out);
            return out;
        }
    }
}
