package dev.tutti.common.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written as bits is read again, and nothing else is. */
class CodeTest {
    private static final long SEED = new Random().nextLong();

    private final Random random = new Random(SEED);
    private final CodeWriter writer = new CodeWriter();

    /** One thing that is written, and read again. */
    private sealed interface Item {
        record Bits(int value, int bits) implements Item {}

        record Unary(int ones) implements Item {}

        record Single(int bits) implements Item {}

        record Numbers(List<Float> values) implements Item {}

        record Bytes(List<Byte> values) implements Item {}

        record Align() implements Item {}
    }

    @Test
    void theLowestBitComesFirst() {
        writer.bits(1, 1);
        writer.bits(0, 2);
        writer.bits(0b1011, 4);
        writer.bits(0x1ff, 9);
        assertThat(writer.length()).isEqualTo(2);
        assertThat(writer.take()).containsExactly(0b1101_1001, 0xff);
    }

    @Test
    void higherBitsOfANumberAreLeftOut() {
        writer.bits(-1, 3);
        writer.bits(-1, 0);
        writer.bits(0, 5);
        assertThat(writer.take()).containsExactly(0b111);
    }

    @Test
    void aGapIsItsOnesAndAZero() {
        writer.unary(3);
        writer.bits(1, 1);
        writer.unary(0);
        assertThat(writer.take()).containsExactly(0b01_0111);
    }

    @Test
    void whatFollowsAnAlignmentBeginsWithAByte() {
        writer.bits(1, 1);
        writer.align();
        writer.align();
        writer.bits(1, 1);
        writer.bytes(2, new byte[] {7, 8, 9});
        assertThat(writer.take()).containsExactly(1, 1, 7, 8);
    }

    @Test
    void floatsAreWrittenTheLowestByteFirst() {
        writer.number(1f);
        writer.numbers(1, new float[] {-2f, 5f});
        assertThat(writer.take()).containsExactly(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0);
    }

    @Test
    void takingBeginsAnew() {
        writer.bits(5, 3);
        assertThat(writer.take()).containsExactly(5);
        assertThat(writer.length()).isZero();
        writer.bits(2, 3);
        assertThat(writer.take()).containsExactly(2);
        assertThat(writer.take()).isEmpty();
    }

    @Test
    void anythingWrittenIsReadAgain() {
        for (var round = 0; round < 300; round++) {
            var items = new ArrayList<Item>();
            for (var i = 0; i < 1 + random.nextInt(60); i++) {
                items.add(item());
            }
            items.forEach(this::write);
            var length = writer.length();
            var bytes = writer.take();
            assertThat(bytes).as("seed %d", SEED).hasSize(length);
            var reader = new CodeReader(bytes);
            for (var item : items) {
                assertThat(read(item, reader)).as("seed %d", SEED).isEqualTo(item);
            }
            assertThat(reader.isAtEnd()).as("%s, seed %d", items, SEED).isTrue();
        }
    }

    @Test
    void theEndIsKnownWhileBytesAreLeft() {
        var reader = new CodeReader(new byte[] {1, 2, 3, 4, 5});
        assertThat(reader.isAtEnd()).isFalse();
        assertThat(reader.bits(1)).isEqualTo(1);
        reader.align();
        assertThat(reader.isAtEnd()).isFalse();
        assertThat(reader.bits(8)).isEqualTo(2);
        assertThat(reader.bits(24)).isEqualTo(0x050403);
        assertThat(new CodeReader(new byte[0]).isAtEnd()).isTrue();
    }

    @Test
    void moreThanThereIsIsRefused() {
        var bytes = new byte[] {-1, -1, -1, -1, -1};
        assertThatThrownBy(() -> reader(bytes, 20).bits(21)).hasMessageContaining("5 bytes");
        assertThatThrownBy(() -> reader(bytes, 9).number()).hasMessageContaining("5 bytes");
        assertThatThrownBy(() -> reader(bytes, 0).numbers(2, new float[2]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> reader(bytes, 1).bytes(5, new byte[5]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> reader(bytes, 3).unary(1000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 bytes");
        assertThatThrownBy(() -> reader(bytes, 3).unary(36))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too long");
    }

    /** Wherever the numbers lie, and for every larger count that the bound may be asked for. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64, 1000, 4096})
    void aSparseCodeKeepsItsBound(int count) {
        for (var kept = 0; kept <= count; kept += 1 + kept / 5) {
            for (var from : List.of(0, count - kept, -1)) {
                var values = new float[count];
                for (var i = 0; i < kept; i++) {
                    values[from < 0 ? (int) ((long) i * count / kept) : from + i] = 1 + i;
                }
                var before = values.clone();
                SparseCode.write(count, values, writer);
                assertThat(values).isEqualTo(before);
                var bytes = writer.take();
                for (var most = kept; most <= count; most += 1 + most / 20) {
                    assertThat((long) bytes.length)
                            .as("%d of %d, at most %d", kept, count, most)
                            .isLessThanOrEqualTo(SparseCode.bytesMax(count, most));
                }
                var read = new float[count];
                Arrays.fill(read, 9f);
                SparseCode.read(count, new CodeReader(bytes), read);
                assertThat(read).isEqualTo(before);
            }
        }
    }

    /** The entropy of places at random, 1 % of them, is 8.1 bits for each. */
    @Test
    void aPlaceTakesHardlyMoreBitsThanItMust() {
        var count = 1 << 18;
        var values = new float[count];
        var kept = 0;
        for (var i = 0; i < count; i++) {
            if (random.nextInt(100) == 0) {
                values[i] = 1;
                kept++;
            }
        }
        SparseCode.write(count, values, writer);
        var bitsOfPlace = writer.length() * 8.0 / kept - Float.SIZE;
        assertThat(bitsOfPlace).as("seed %d", SEED).isBetween(7.9, 8.4);
    }

    @Test
    void aSparseCodeThatNamesNoTensorIsRefused() {
        refused(code(5, 0), "5 numbers of 4");
        refused(code(-1, 0), "-1 numbers of 4");
        refused(code(1, 31), "");
        var beyond = new CodeWriter();
        beyond.bits(1, 32);
        beyond.bits(1, 5);
        beyond.unary(1);
        beyond.bits(1, 1);
        beyond.unary(2);
        refused(beyond.take(), "a code");
    }

    private static byte[] code(int kept, int low) {
        var writer = new CodeWriter();
        writer.bits(kept, 32);
        writer.bits(low, 5);
        writer.numbers(20, new float[20]);
        return writer.take();
    }

    private static void refused(byte[] code, String message) {
        assertThatThrownBy(() -> SparseCode.read(4, new CodeReader(code), new float[4]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static CodeReader reader(byte[] bytes, int bitsRead) {
        var reader = new CodeReader(bytes);
        reader.bits(bitsRead);
        return reader;
    }

    private Item item() {
        return switch (random.nextInt(8)) {
            case 0 -> new Item.Align();
            case 1 -> new Item.Unary(random.nextInt(200));
            case 2 -> new Item.Single(Float.floatToRawIntBits(random.nextFloat() - 0.5f));
            case 3 ->
                    new Item.Numbers(
                            random.doubles(random.nextInt(20)).mapToObj(x -> (float) x).toList());
            case 4 ->
                    new Item.Bytes(
                            random.ints(random.nextInt(20)).mapToObj(x -> (byte) x).toList());
            default -> {
                var bits = random.nextInt(33);
                yield new Item.Bits((int) (random.nextInt() & ((1L << bits) - 1)), bits);
            }
        };
    }

    private void write(Item item) {
        switch (item) {
            case Item.Bits(var value, var bits) -> writer.bits(value, bits);
            case Item.Unary(var ones) -> writer.unary(ones);
            case Item.Single(var bits) -> writer.number(Float.intBitsToFloat(bits));
            case Item.Numbers(var values) -> {
                var floats = new float[values.size() + 1];
                for (var i = 0; i < values.size(); i++) {
                    floats[i] = values.get(i);
                }
                writer.numbers(values.size(), floats);
            }
            case Item.Bytes(var values) -> {
                var bytes = new byte[values.size() + 1];
                for (var i = 0; i < values.size(); i++) {
                    bytes[i] = values.get(i);
                }
                writer.bytes(values.size(), bytes);
            }
            case Item.Align() -> writer.align();
        }
    }

    private static Item read(Item like, CodeReader reader) {
        return switch (like) {
            case Item.Bits(_, var bits) -> new Item.Bits(reader.bits(bits), bits);
            case Item.Unary(var ones) -> new Item.Unary(reader.unary(ones));
            case Item.Single _ -> new Item.Single(Float.floatToRawIntBits(reader.number()));
            case Item.Numbers(var values) -> {
                var out = new float[values.size()];
                reader.numbers(out.length, out);
                var read = new ArrayList<Float>();
                for (var x : out) {
                    read.add(x);
                }
                yield new Item.Numbers(read);
            }
            case Item.Bytes(var values) -> {
                var out = new byte[values.size()];
                reader.bytes(out.length, out);
                var read = new ArrayList<Byte>();
                for (var x : out) {
                    read.add(x);
                }
                yield new Item.Bytes(read);
            }
            case Item.Align item -> {
                reader.align();
                yield item;
            }
        };
    }
}
