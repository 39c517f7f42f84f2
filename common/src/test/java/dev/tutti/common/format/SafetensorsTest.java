package dev.tutti.common.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.format.Safetensors.Tensor;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    private static final long SEED = 20_261_122L;
    private static final List<String> CHARACTERS =
            List.of("a", "b", ".", "\"", "\\", "\n", "\u0001", "é", "×", "𝄞", "/", "`");
    private static final String ONE = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";

    @Test
    void fileThatPyTorchsWriterMadeIsReadToTheBit() throws IOException {
        var tensors = Safetensors.read(resource("three-two-one.safetensors")).tensors();
        assertThat(tensors)
                .extracting(Tensor::name)
                .containsExactly("0.weight", "0.bias", "2.weight", "2.bias");
        assertThat(tensors)
                .extracting(Tensor::shape)
                .containsExactly(Shape.of(2, 3), Shape.of(2), Shape.of(1, 2), Shape.of(1));
        assertThat(tensors.stream().map(tensor -> Floats.toArray(tensor.values())))
                .containsExactly(
                        new float[] {
                            -0.371827f,
                            -0.5031176f,
                            0.11312444f,
                            -0.54756004f,
                            0.5200003f,
                            0.52514505f
                        },
                        new float[] {0.1605755f, -0.41192186f},
                        new float[] {-0.32761478f, 0.5981442f},
                        new float[] {-0.11593696f});
    }

    @Test
    void whatIsWrittenIsReadBack() {
        var random = Seeds.of(SEED, "round-trip");
        for (var round = 0; round < 100; round++) {
            var expected = drawn(random);
            var found = Safetensors.read(MemorySegment.ofArray(bytes(expected)));
            var context = "seed %d, round %d".formatted(SEED, round);
            assertThat(found.metadata()).as(context).isEqualTo(expected.metadata());
            assertThat(found.tensors()).as(context).hasSameSizeAs(expected.tensors());
            for (var i = 0; i < found.tensors().size(); i++) {
                var tensor = found.tensors().get(i);
                assertThat(tensor.name()).isEqualTo(expected.tensors().get(i).name());
                assertThat(tensor.shape()).isEqualTo(expected.tensors().get(i).shape());
                assertThat(tensor.values().mismatch(expected.tensors().get(i).values()))
                        .as("%s, %s", context, tensor.name())
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void writtenLayoutIsTheOneOtherReadersExpect() {
        var file =
                new Safetensors(
                        List.of(tensor("w", Shape.of(2, 1), 1f, -2f), tensor("b", Shape.of(), 3f)),
                        Map.of("z", "last", "a", "first \"quoted\""));
        var bytes = ByteBuffer.wrap(bytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        var length = Math.toIntExact(bytes.getLong());
        assertThat(length % 8).isZero();
        var header = new byte[length];
        bytes.get(header);
        assertThat(new String(header, StandardCharsets.UTF_8).stripTrailing())
                .isEqualTo(
                        "{\"__metadata__\":{\"a\":\"first \\\"quoted\\\"\",\"z\":\"last\"},"
                                + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                                + "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}");
        assertThat(bytes.getFloat()).isEqualTo(1f);
        assertThat(bytes.getFloat()).isEqualTo(-2f);
        assertThat(bytes.getFloat()).isEqualTo(3f);
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void emptyFileHasOnlyItsHeader() {
        var bytes = bytes(new Safetensors(List.of(), Map.of()));
        assertThat(bytes).hasSize(16);
        assertThat(Safetensors.read(MemorySegment.ofArray(bytes)).tensors()).isEmpty();
    }

    @Test
    void fileCutAtAnyByteIsRefused() throws IOException {
        var bytes = resource("three-two-one.safetensors");
        for (long size = 0; size < bytes.byteSize(); size++) {
            var cut = bytes.asSlice(0, size);
            assertThatThrownBy(() -> Safetensors.read(cut))
                    .as("cut after %d bytes", size)
                    .isInstanceOf(FormatException.class);
        }
        var longer = MemorySegment.ofArray(new byte[(int) bytes.byteSize() + 1]);
        longer.copyFrom(bytes);
        assertThatThrownBy(() -> Safetensors.read(longer))
                .isInstanceOf(FormatException.class)
                .hasMessage("found 45 bytes of data, expected 44");
    }

    @Test
    void anyChangedBytesGiveAFileOrAFormatException() throws IOException {
        var random = Seeds.of(SEED, "mutations");
        var original = resource("three-two-one.safetensors");
        for (var round = 0; round < 20_000; round++) {
            var bytes = original.toArray(ValueLayout.JAVA_BYTE);
            for (var change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(300)] = (byte) random.nextInt(256);
            }
            assertThatCode(
                            () -> {
                                try {
                                    Safetensors.read(MemorySegment.ofArray(bytes));
                                } catch (FormatException _) {
                                    // A refusal is what a malformed file should get.
                                }
                            })
                    .as("seed %d, round %d", SEED, round)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void narrowAndWideNumbersBecomeFloats() {
        var data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        data.putDouble(1.1).putDouble(-1e300);
        data.putShort((short) 0x3c00).putShort((short) 0xfbff);
        data.putShort((short) 0x3f80).putShort((short) 0xc049);
        var file =
                file(
                        """
                        {"h":{"dtype":"F16","shape":[2],"data_offsets":[16,20]},
                         "d":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},
                         "b":{"dtype":"BF16","shape":[2],"data_offsets":[20,24]}}\
                        """,
                        data.array());
        var tensors = Safetensors.read(file).tensors();
        assertThat(tensors).extracting(Tensor::name).containsExactly("d", "h", "b");
        assertThat(tensors.stream().map(tensor -> Floats.toArray(tensor.values())))
                .containsExactly(
                        new float[] {1.1f, Float.NEGATIVE_INFINITY},
                        new float[] {1f, -65504f},
                        new float[] {1f, -3.140625f});
    }

    @Test
    void headerOfOddLengthIsReadThoughItsDataLieUnaligned() {
        var header = "{\"x\":%s}".formatted(ONE);
        for (var spaces = 0; spaces < 8; spaces++) {
            var file = file(header + " ".repeat(spaces), new byte[] {0, 0, (byte) 0x80, 0x3f});
            try (var arena = Arena.ofConfined()) {
                var offHeap = arena.allocate(file.byteSize(), 8).copyFrom(file);
                var values = Safetensors.read(offHeap).tensors().getFirst().values();
                assertThat(Floats.toArray(values)).containsExactly(1f);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | the header must be a JSON object",
                "{} | found 4 bytes of data, expected 0",
                "{`x`:1} | tensor `x` must be an object, found the number 1",
                "{`x`:{`dtype`:`F32`,`shape`:[1]}} | must have dtype, shape and data_offsets",
                "{`x`:{`dtype`:`F32`,`shape`:[1],`data_offsets`:[0,4],`y`:0}} | found [dtype, sha",
                "{`x`:{`dtype`:`I32`,`shape`:[1],`data_offsets`:[0,4]}} | found the text `I32`",
                "{`x`:{`dtype`:`I64`,`shape`:[1],`data_offsets`:[0,4]}} | found the text `I64`",
                "{`num_batches_tracked`:{`dtype`:`I64`,`shape`:[],`data_offsets`:[0,4]}} | takes 8",
                "{`x`:{`dtype`:1,`shape`:[1],`data_offsets`:[0,4]}} | found the number 1",
                "{`x`:{`dtype`:`F32`,`shape`:1,`data_offsets`:[0,4]}} | shape must be a list",
                "{`x`:{`dtype`:`F32`,`shape`:[1.0],`data_offsets`:[0,4]}} | found the number 1.0",
                "{`x`:{`dtype`:`F32`,`shape`:[-1],`data_offsets`:[0,4]}} | found the number -1",
                "{`x`:{`dtype`:`F32`,`shape`:[0],`data_offsets`:[0,0]}} | extents must be from 1",
                "{`x`:{`dtype`:`F32`,`shape`:[65536,65536],`data_offsets`:[0,4]}} | product at most",
                "{`x`:{`dtype`:`F32`,`shape`:[9999999999999999999],`data_offsets`:[0,4]}} | whole",
                "{`x`:{`dtype`:`F32`,`shape`:[1],`data_offsets`:[0]}} | must have two data_offsets",
                "{`x`:{`dtype`:`F32`,`shape`:[1],`data_offsets`:[4,0]}} | takes 4 bytes, found",
                "{`x`:{`dtype`:`F32`,`shape`:[2],`data_offsets`:[0,4]}} | takes 8 bytes, found",
                "{`x`:{`dtype`:`F32`,`shape`:[1],`data_offsets`:[4,8]}} | a gap",
                "{`x`:ONE,`y`:ONE} | an overlap",
                "{`x`:ONE,`x`:ONE} | expected a name that is not there yet",
                "{`x`:ONE,} | found '}', expected '`'",
                "{`x`:ONE | found the end, expected '}'",
                "{`x`:ONE}} | found '}', expected the end",
                "{`__metadata__`:[],`x`:ONE} | the metadata must be an object, found a list",
                "{`__metadata__`:{`a`:null},`x`:ONE} | metadata `a` must be a text, found null",
                "[[[[[[[[[[[[[[[[[[[[ | at most 16 levels of nesting",
                "nul | found 'n', expected a value",
                "[01] | found '1', expected ']'",
                "[-] | found ']', expected a digit",
                "[1.] | found ']', expected a digit",
                "[1e] | found ']', expected a digit",
                "{`\\x`:1} | found 'x', expected an escape of JSON",
                "{`\\u00g0`:1} | found 'g', expected a hexadecimal digit",
                "{`a | found the end, expected a printable character",
                "{'a':1} | found ''', expected '`'",
            })
    void malformedHeaderIsRefusedWithWhatWasFoundAndExpected(String header, String message) {
        var file = file(header.replace("ONE", ONE).replace('`', '"'), new byte[4]);
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message.replace('`', '"'));
    }

    @Test
    void headerTooLongForAnyReaderIsRefused() {
        for (var length : new long[] {100_000_001, Long.MAX_VALUE, -1}) {
            var bytes = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            assertThatThrownBy(() -> Safetensors.read(MemorySegment.ofArray(bytes.array())))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining(Long.toUnsignedString(length))
                    .hasMessageContaining("expected at most 100000000");
        }
    }

    @Test
    void headerThatIsNotUtf8IsRefused() {
        var bytes = new byte[12];
        bytes[0] = 4;
        bytes[9] = (byte) 0xff;
        assertThatThrownBy(() -> Safetensors.read(MemorySegment.ofArray(bytes)))
                .hasMessage("the header must be UTF-8 text");
    }

    @Test
    void escapesOfJsonAreUndone() {
        var file =
                file(
                        "{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD834\\uDD1E\":%s}".formatted(ONE),
                        new byte[4]);
        assertThat(Safetensors.read(file).tensors().getFirst().name())
                .isEqualTo("\"\\/\b\f\n\r\té𝄞");
    }

    @Test
    void namesTwiceAndValuesThatDoNotFillTheShapeAreRefusedOnMaking() {
        var one = tensor("x", Shape.of(1), 1f);
        assertThatThrownBy(() -> new Safetensors(List.of(one, one), Map.of()))
                .hasMessage("tensor name \"x\" is taken; choose another");
        assertThatThrownBy(() ->
                        new Safetensors(List.of(tensor("__metadata__", Shape.of(1), 1f)), Map.of()))
                .hasMessageContaining("is taken");
        assertThatThrownBy(() -> tensor("x", Shape.of(2, 2), 1f, 2f))
                .hasMessage("tensor \"x\" of shape [2×2] must hold 16 bytes, holds 8");
    }

    private static Safetensors drawn(Seeds random) {
        var tensors = new ArrayList<Tensor>();
        for (var i = random.nextInt(6); i > 0; i--) {
            var extents = new int[random.nextInt(4)];
            for (var j = 0; j < extents.length; j++) {
                extents[j] = 1 + random.nextInt(5);
            }
            var shape = Shape.of(extents);
            var values = new float[shape.size()];
            for (var j = 0; j < values.length; j++) {
                values[j] = Float.intBitsToFloat((int) random.nextLong());
            }
            tensors.add(tensor(i + text(random), shape, values));
        }
        var metadata = new LinkedHashMap<String, String>();
        for (var i = random.nextInt(3); i > 0; i--) {
            metadata.put(text(random), text(random));
        }
        return new Safetensors(tensors, metadata);
    }

    private static String text(Seeds random) {
        var out = new StringBuilder();
        for (var i = random.nextInt(8); i > 0; i--) {
            out.append(CHARACTERS.get(random.nextInt(CHARACTERS.size())));
        }
        return out.toString();
    }

    private static Tensor tensor(String name, Shape shape, float... values) {
        return new Tensor(name, shape, Floats.of(Arena.ofAuto(), values));
    }

    private static byte[] bytes(Safetensors file) {
        var out = new ByteArrayOutputStream();
        file.segments().forEach(segment -> out.writeBytes(segment.toArray(ValueLayout.JAVA_BYTE)));
        return out.toByteArray();
    }

    private static MemorySegment file(String header, byte[] data) {
        var text = header.getBytes(StandardCharsets.UTF_8);
        var out = ByteBuffer.allocate(8 + text.length + data.length);
        out.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).put(data);
        return MemorySegment.ofArray(out.array());
    }

    private static MemorySegment resource(String name) throws IOException {
        try (var in = SafetensorsTest.class.getResourceAsStream(name)) {
            return MemorySegment.ofArray(Objects.requireNonNull(in).readAllBytes());
        }
    }
}
