package dev.tutti.worker.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.KernelFingerprint;
import dev.tutti.common.kernel.Operands;
import dev.tutti.common.kernel.Transpose;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Matrix multiplication by OpenBLAS, called through the foreign-function API.
 *
 * <p>OpenBLAS is told to use one thread a call, so a product has one order of summation; it depends
 * on the processor's kind, which {@link KernelFingerprint} tells apart. Threads of the JVM pass a
 * safepoint while a product runs, since operands lie outside the heap and no critical linker option
 * is used.
 */
public final class BlasKernel implements Kernel {
    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final int TRANSPOSED = 112;

    // The function's address is the first argument. So the handle is one constant for all
    // libraries,
    // which the compiler folds; a handle in an instance field would cost a slow call each time.
    private static final MethodHandle SGEMM =
            Linker.nativeLinker()
                    .downcallHandle(
                            FunctionDescriptor.ofVoid(
                                    JAVA_INT,
                                    JAVA_INT,
                                    JAVA_INT,
                                    JAVA_INT,
                                    JAVA_INT,
                                    JAVA_INT,
                                    JAVA_FLOAT,
                                    ADDRESS,
                                    JAVA_INT,
                                    ADDRESS,
                                    JAVA_INT,
                                    JAVA_FLOAT,
                                    ADDRESS,
                                    JAVA_INT));

    private final MemorySegment sgemm;
    private final String name;

    /**
     * Binds the kernel to a loaded OpenBLAS and sets it to one thread.
     *
     * @param library the library's symbols; must outlive the kernel
     * @throws IllegalArgumentException if a needed symbol is missing; the message names it
     */
    public BlasKernel(SymbolLookup library) {
        sgemm = symbol(library, "cblas_sgemm");
        useOneThread(symbol(library, "openblas_set_num_threads"));
        var config = text(symbol(library, "openblas_get_config"));
        var core = text(symbol(library, "openblas_get_corename"));
        name = "%s %s".formatted(versionIn(config), core).toLowerCase(Locale.ROOT);
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
        var plainA = transposeA == Transpose.NO;
        var plainB = transposeB == Transpose.NO;
        try {
            SGEMM.invokeExact(
                    sgemm,
                    ROW_MAJOR,
                    plainA ? PLAIN : TRANSPOSED,
                    plainB ? PLAIN : TRANSPOSED,
                    rows,
                    columns,
                    inner,
                    1f,
                    a,
                    Math.max(1, plainA ? inner : rows),
                    b,
                    Math.max(1, plainB ? columns : inner),
                    beta,
                    out,
                    Math.max(1, columns));
        } catch (Throwable e) {
            throw NativeCall.failed("cblas_sgemm", e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }

    /** Returns the first two words of a configuration such as "OpenBLAS 0.3.31 DYNAMIC_ARCH". */
    private static String versionIn(String config) {
        var afterVersion = config.indexOf(' ', config.indexOf(' ') + 1);
        return afterVersion < 0 ? config : config.substring(0, afterVersion);
    }

    private static MemorySegment symbol(SymbolLookup library, String name) {
        return library.find(name)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "the library has no function %s; expected an OpenBLAS"
                                        .formatted(name)));
    }

    private static void useOneThread(MemorySegment function) {
        try {
            Linker.nativeLinker()
                    .downcallHandle(function, FunctionDescriptor.ofVoid(JAVA_INT))
                    .invokeExact(1);
        } catch (Throwable e) {
            throw NativeCall.failed("openblas_set_num_threads", e);
        }
    }

    private static String text(MemorySegment function) {
        try {
            var found =
                    (MemorySegment)
                            Linker.nativeLinker()
                                    .downcallHandle(function, FunctionDescriptor.of(ADDRESS))
                                    .invokeExact();
            return found.reinterpret(Long.MAX_VALUE).getString(0).strip();
        } catch (Throwable e) {
            throw NativeCall.failed("text function", e);
        }
    }
}
