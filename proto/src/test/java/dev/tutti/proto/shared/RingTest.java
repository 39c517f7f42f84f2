package dev.tutti.proto.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.proto.failure.WireException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A ring is a queue within one process and between two, also if the writer lies. */
@Timeout(60)
class RingTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(Ring.BYTES, 64);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatIsWrittenIsReadInItsOrder(long seed) {
        var random = new Random(seed);
        var writer = new Ring(memory);
        var reader = new Ring(memory);
        var expected = new ArrayDeque<byte[]>();
        for (var turn = 0; turn < 20_000; turn++) {
            if (random.nextBoolean() && writer.hasRoom()) {
                var message = new byte[sizeOf(random)];
                random.nextBytes(message);
                writer.write(message);
                expected.add(message);
            } else {
                assertThat(reader.read())
                        .as("seed %d, turn %d", seed, turn)
                        .isEqualTo(expected.poll());
            }
        }
    }

    private static int sizeOf(Random random) {
        return random.nextInt(20) == 0
                ? random.nextInt(Ring.MESSAGE_BYTES_MAX + 1)
                : random.nextInt(100);
    }

    @Test
    void aReaderKnowsWhenTheWriterWaitsForRoom() {
        var writer = new Ring(memory);
        var reader = new Ring(memory);
        assertThat(reader.isFull()).isFalse();
        while (writer.hasRoom()) {
            assertThat(reader.isFull()).isFalse();
            writer.write(new byte[Ring.MESSAGE_BYTES_MAX]);
        }
        assertThat(reader.isFull()).isTrue();
        while (!writer.hasRoom()) {
            assertThat(reader.isFull()).isTrue();
            reader.read();
        }
        assertThat(reader.isFull()).isFalse();
    }

    @Test
    void twoThreadsSeeTheSameMessages() {
        var count = 200_000;
        var writer = new Ring(memory);
        var writing =
                CompletableFuture.runAsync(() -> {
                    for (var i = 0; i < count; ) {
                        if (writer.hasRoom()) {
                            writer.write(numbered(i++));
                        } else {
                            Thread.onSpinWait();
                        }
                    }
                });
        var reader = new Ring(memory);
        for (var i = 0; i < count; ) {
            var message = reader.read();
            if (message == null) {
                Thread.onSpinWait();
            } else {
                assertThat(Arrays.equals(message, numbered(i))).as("message %d", i).isTrue();
                i++;
            }
        }
        writing.join();
    }

    private static byte[] numbered(int i) {
        var message = new byte[4 + i % 61];
        Arrays.fill(message, (byte) i);
        message[0] = (byte) (i >> 8);
        return message;
    }

    @Test
    void aFullRingHasNoRoomUntilSomethingIsRead() {
        var writer = new Ring(memory);
        var written = 0;
        for (; writer.hasRoom(); written++) {
            writer.write(new byte[1000]);
        }
        assertThat(written).isBetween(30, 140);
        assertThatThrownBy(() -> writer.write(new byte[1000]))
                .isInstanceOf(IllegalStateException.class);
        var reader = new Ring(memory);
        for (var i = 0; i < written; i++) {
            assertThat(reader.read()).hasSize(1000);
        }
        assertThat(reader.read()).isNull();
        assertThat(writer.hasRoom()).isTrue();
    }

    @Test
    void aMessageThatIsTooLargeIsRefused() {
        assertThatThrownBy(() -> new Ring(memory).write(new byte[Ring.MESSAGE_BYTES_MAX + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most fit");
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, Integer.MIN_VALUE, Integer.MAX_VALUE, Ring.MESSAGE_BYTES_MAX + 1})
    void aLengthThatNoWriterWritesIsRefused(int length) {
        new Ring(memory).write(new byte[8]);
        memory.set(ValueLayout.JAVA_INT, 128, length);
        assertThatThrownBy(() -> new Ring(memory).read())
                .isInstanceOf(WireException.class)
                .hasMessageContaining("in shared memory");
    }

    @Test
    void whatTheOtherSideWritesIntoOwnIndicesChangesNothing() {
        var writer = new Ring(memory);
        var reader = new Ring(memory);
        writer.write(new byte[] {1});
        assertThat(reader.read()).containsExactly(1);
        // The read index is the reader's own; a writer that changes it confuses itself alone.
        memory.set(ValueLayout.JAVA_LONG, 64, -77);
        assertThat(reader.read()).isNull();
        writer.write(new byte[] {2});
        assertThat(reader.read()).containsExactly(2);
    }
}
