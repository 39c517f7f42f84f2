package dev.tutti.worker.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.common.kernel.Transpose;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * The functions of a loaded oneDNN that the kernels call, by the names of its C interface.
 *
 * <p>As in {@link BlasKernel} a function's address is an argument, so that the handles are
 * constants.
 */
final class OneDnn {
    /**
     * The instruction sets with vectors of 512 bits: AVX-512 with BW, DQ and VL, and all beyond.
     */
    private static final int AVX512_INSTRUCTIONS = 0x27;

    /** The instruction sets that include 16-bit products: AVX-512 with BF16, and all beyond. */
    private static final int BF16_INSTRUCTIONS = 0xe7;

    private static final int CPU = 1;
    private static final int DIMENSIONS_MAX = 12;

    private static final MethodHandle SGEMM =
            handle(
                    JAVA_BYTE,
                    JAVA_BYTE,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_FLOAT,
                    ADDRESS,
                    JAVA_LONG,
                    ADDRESS,
                    JAVA_LONG,
                    JAVA_FLOAT,
                    ADDRESS,
                    JAVA_LONG);

    private static final MethodHandle EXECUTE = handle(ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    private static final MethodHandle SET_HANDLE = handle(ADDRESS, ADDRESS);
    private static final MethodHandle MATMUL =
            handle(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle DESCRIBE =
            handle(ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    private static final MethodHandle CREATE = handle(ADDRESS);
    private static final MethodHandle CREATE_FROM = handle(ADDRESS, ADDRESS);
    private static final MethodHandle CREATE_ENGINE = handle(ADDRESS, JAVA_INT, JAVA_LONG);
    private static final MethodHandle CREATE_STREAM = handle(ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CREATE_MEMORY = handle(ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle APPEND_SUM = handle(ADDRESS, JAVA_FLOAT, JAVA_INT, JAVA_INT);
    private static final MethodHandle NUMBER = handle();

    private static final MethodHandle SET_THREADS =
            Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(JAVA_INT));

    private final SymbolLookup library;
    private final MemorySegment setThreads;
    private final MemorySegment sgemm;
    private final MemorySegment execute;
    private final MemorySegment setDataHandle;
    private final MemorySegment engine;

    /**
     * Binds a loaded oneDNN.
     *
     * @param library its symbols; must outlive this
     * @param openMp those of the OpenMP library that it uses
     * @throws IllegalArgumentException if a needed symbol is missing; the message names it
     */
    OneDnn(SymbolLookup library, SymbolLookup openMp) {
        this.library = library;
        this.setThreads = symbol(openMp, "omp_set_num_threads");
        this.sgemm = symbol(library, "dnnl_sgemm");
        this.execute = symbol(library, "dnnl_primitive_execute");
        this.setDataHandle = symbol(library, "dnnl_memory_set_data_handle");
        this.engine =
                made(
                        "dnnl_engine_create",
                        (f, out) -> (int) CREATE_ENGINE.invokeExact(f, out, CPU, 0L));
    }

    /** Makes the calling thread's products use no other thread. */
    void useOneThread() {
        try {
            SET_THREADS.invokeExact(setThreads, 1);
        } catch (Throwable e) {
            throw NativeCall.failed("omp_set_num_threads", e);
        }
    }

    /** Returns the version, such as 3.11.0. */
    String version() {
        try {
            var version = symbol(library, "dnnl_version");
            var handle =
                    Linker.nativeLinker().downcallHandle(version, FunctionDescriptor.of(ADDRESS));
            var numbers = ((MemorySegment) handle.invokeExact()).reinterpret(3 * Integer.BYTES);
            return "%d.%d.%d"
                    .formatted(
                            numbers.getAtIndex(JAVA_INT, 0),
                            numbers.getAtIndex(JAVA_INT, 1),
                            numbers.getAtIndex(JAVA_INT, 2));
        } catch (Throwable e) {
            throw NativeCall.failed("dnnl_version", e);
        }
    }

    /** Returns the bits of the instruction set that products are compiled for. */
    int instructions() {
        try {
            return (int) NUMBER.invokeExact(symbol(library, "dnnl_get_effective_cpu_isa"));
        } catch (Throwable e) {
            throw NativeCall.failed("dnnl_get_effective_cpu_isa", e);
        }
    }

    /** Tells whether products use vectors of 512 bits here. */
    boolean hasAvx512() {
        return (instructions() & AVX512_INSTRUCTIONS) == AVX512_INSTRUCTIONS;
    }

    /** Tells whether this processor multiplies 16-bit numbers itself. */
    boolean hasBf16() {
        return (instructions() & BF16_INSTRUCTIONS) == BF16_INSTRUCTIONS;
    }

    void sgemm(
            Transpose transposeA,
            Transpose transposeB,
            int rows,
            int columns,
            int inner,
            MemorySegment a,
            MemorySegment b,
            float beta,
            MemorySegment out) {
        var plainA = transposeA == Transpose.NO;
        var plainB = transposeB == Transpose.NO;
        int status;
        try {
            status =
                    (int)
                            SGEMM.invokeExact(
                                    sgemm,
                                    (byte) (plainA ? 'N' : 'T'),
                                    (byte) (plainB ? 'N' : 'T'),
                                    (long) rows,
                                    (long) columns,
                                    (long) inner,
                                    1f,
                                    a,
                                    (long) Math.max(1, plainA ? inner : rows),
                                    b,
                                    (long) Math.max(1, plainB ? columns : inner),
                                    beta,
                                    out,
                                    (long) Math.max(1, columns));
        } catch (Throwable e) {
            throw NativeCall.failed("dnnl_sgemm", e);
        }
        check("dnnl_sgemm", status);
    }

    /** Returns a stream, the order in which one thread runs primitives. */
    MemorySegment stream() {
        return made(
                "dnnl_stream_create",
                (f, out) -> (int) CREATE_STREAM.invokeExact(f, out, engine, 1));
    }

    /** Returns the description of a vector of {@code count} elements. */
    MemorySegment vector(Precision type, long count) {
        return description(type, new long[] {count}, new long[] {1});
    }

    /** Returns the description of a dense matrix of {@code rows} × {@code columns}. */
    MemorySegment matrix(Precision type, Transpose stored, int rows, int columns) {
        var strides = stored == Transpose.NO ? new long[] {columns, 1} : new long[] {1, rows};
        return description(type, new long[] {rows, columns}, strides);
    }

    private MemorySegment description(Precision type, long[] extents, long[] strides) {
        try (var arena = Arena.ofConfined()) {
            var all = arena.allocateFrom(JAVA_LONG, Arrays.copyOf(extents, DIMENSIONS_MAX));
            var steps = arena.allocateFrom(JAVA_LONG, Arrays.copyOf(strides, DIMENSIONS_MAX));
            return made(
                    "dnnl_memory_desc_create_with_strides",
                    (f, out) ->
                            (int)
                                    DESCRIBE.invokeExact(
                                            f, out, extents.length, all, number(type), steps));
        }
    }

    /** Returns oneDNN's number for a type of elements. */
    private static int number(Precision type) {
        return switch (type) {
            case BF16 -> 2;
            case FP32 -> 3;
        };
    }

    /** Returns the primitive that writes the elements of one type as those of another. */
    MemorySegment conversion(MemorySegment from, MemorySegment to) {
        var description =
                made(
                        "dnnl_reorder_primitive_desc_create",
                        (f, made) ->
                                (int)
                                        Reorder.CREATE.invokeExact(
                                                f,
                                                made,
                                                from,
                                                engine,
                                                to,
                                                engine,
                                                MemorySegment.NULL));
        return made(
                "dnnl_primitive_create",
                (f, made) -> (int) CREATE_FROM.invokeExact(f, made, description));
    }

    /** Returns the primitive that writes a·b, or adds it. */
    MemorySegment product(MemorySegment a, MemorySegment b, boolean adds, MemorySegment out) {
        var attributes =
                made("dnnl_primitive_attr_create", (f, made) -> (int) CREATE.invokeExact(f, made));
        if (adds) {
            var after =
                    made("dnnl_post_ops_create", (f, made) -> (int) CREATE.invokeExact(f, made));
            call(
                    "dnnl_post_ops_append_sum",
                    f -> (int) APPEND_SUM.invokeExact(f, after, 1f, 0, number(Precision.FP32)));
            call(
                    "dnnl_primitive_attr_set_post_ops",
                    f -> (int) CREATE_FROM.invokeExact(f, attributes, after));
        }
        var description =
                made(
                        "dnnl_matmul_primitive_desc_create",
                        (f, made) ->
                                (int)
                                        MATMUL.invokeExact(
                                                f,
                                                made,
                                                engine,
                                                a,
                                                b,
                                                MemorySegment.NULL,
                                                out,
                                                attributes));
        return made(
                "dnnl_primitive_create",
                (f, made) -> (int) CREATE_FROM.invokeExact(f, made, description));
    }

    /** Returns a memory object without memory. */
    MemorySegment memory(MemorySegment description) {
        return made(
                "dnnl_memory_create",
                (f, out) ->
                        (int)
                                CREATE_MEMORY.invokeExact(
                                        f, out, description, engine, MemorySegment.NULL));
    }

    void pointTo(MemorySegment floats, MemorySegment memory) {
        int status;
        try {
            status = (int) SET_HANDLE.invokeExact(setDataHandle, memory, floats);
        } catch (Throwable e) {
            throw NativeCall.failed("dnnl_memory_set_data_handle", e);
        }
        check("dnnl_memory_set_data_handle", status);
    }

    void execute(
            MemorySegment primitive, MemorySegment stream, int count, MemorySegment arguments) {
        int status;
        try {
            status = (int) EXECUTE.invokeExact(execute, primitive, stream, count, arguments);
        } catch (Throwable e) {
            throw NativeCall.failed("dnnl_primitive_execute", e);
        }
        check("dnnl_primitive_execute", status);
    }

    /** What products of floats never need: a handle takes some milliseconds to make. */
    private static final class Reorder {
        static final MethodHandle CREATE =
                handle(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    }

    /** A call of a function that leaves a new object's address in {@code out}. */
    private interface Maker {
        int make(MemorySegment function, MemorySegment out) throws Throwable;
    }

    private MemorySegment made(String name, Maker maker) {
        try (var arena = Arena.ofConfined()) {
            var out = arena.allocate(ADDRESS);
            call(name, function -> maker.make(function, out));
            return out.get(ADDRESS, 0);
        }
    }

    /** A call of a function that returns a status. */
    private interface Call {
        int run(MemorySegment function) throws Throwable;
    }

    private void call(String name, Call call) {
        int status;
        try {
            status = call.run(symbol(library, name));
        } catch (Throwable e) {
            throw NativeCall.failed(name, e);
        }
        check(name, status);
    }

    private static void check(String name, int status) {
        if (status != 0) {
            throw new IllegalStateException("%s refused with status %d".formatted(name, status));
        }
    }

    private static MethodHandle handle(ValueLayout... arguments) {
        return Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static MemorySegment symbol(SymbolLookup library, String name) {
        return library.find(name)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "the library has no function %s; expected a oneDNN"
                                        .formatted(name)));
    }
}
