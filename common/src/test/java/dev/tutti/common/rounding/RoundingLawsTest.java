package dev.tutti.common.rounding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every rounding of the catalogue. */
class RoundingLawsTest {
    private static final long SEED = new Random().nextLong();
    private static final int[] COUNTS = {1, 2, 7, 1024, 3001};

    private final Random random = new Random(SEED);
    private final Arena arena = Arena.ofAuto();

    static List<String> examples() {
        return List.of("fp32", "bf16");
    }

    @Test
    void everyRoundingIsListedWithAnExample() {
        PlugInLaws.everyRecordIsListed(Roundings.CATALOGUE, Rounding.class);
        PlugInLaws.everyNameHasAnExample(Roundings.CATALOGUE, examples());
        PlugInLaws.textsRoundTrip(Roundings.CATALOGUE, examples());
        PlugInLaws.defaultsAreNotPrinted(Roundings.CATALOGUE, examples());
        PlugInLaws.everyArgumentIsGuarded(Roundings.CATALOGUE, List.of());
    }

    /** So a number may be encoded on each part of its way, or nowhere. */
    @ParameterizedTest
    @MethodSource("examples")
    void whatIsRoundedKeepsItsBits(String text) {
        var rounding = Roundings.CATALOGUE.parse(text);
        for (var scale : new float[] {1e-30f, 1e-3f, 1, 1e20f}) {
            for (var count : COUNTS) {
                var once = rounded(rounding, gaussian(count, scale));
                var twice = rounded(rounding, once);
                assertThat(bits(twice)).as("%d floats, seed %d", count, SEED).isEqualTo(bits(once));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theBytesFollowFromTheValuesAlone(String text) {
        var rounding = Roundings.CATALOGUE.parse(text);
        var floats = gaussian(1000, 1);
        assertThat(encoded(rounding, floats)).isEqualTo(encoded(rounding, floats));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void whatIsStoredIsRounded(String text) {
        var rounding = Roundings.CATALOGUE.parse(text);
        if (rounding.stored().isPresent()) {
            var floats = gaussian(1023, 1);
            var stored = Elements.allocate(arena, rounding.stored().get(), 1023);
            Elements.of(floats).copyTo(stored);
            var read = stored.floats(Floats.allocate(arena, 1023));
            assertThat(bits(read)).isEqualTo(bits(rounded(rounding, floats)));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void zerosStayZeros(String text) {
        var zeros = rounded(Roundings.CATALOGUE.parse(text), Floats.allocate(arena, 300));
        assertThat(zeros.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0f);
    }

    /** Or else a gradient that is no number would be added, and nobody would notice. */
    @ParameterizedTest
    @MethodSource("examples")
    void aChunkThatIsNotFiniteStaysSo(String text) {
        for (var bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            var floats = gaussian(500, 1);
            Floats.set(floats, random.nextInt(500), bad);
            var read = rounded(Roundings.CATALOGUE.parse(text), floats);
            var isFinite = true;
            for (var x : read.toArray(ValueLayout.JAVA_FLOAT)) {
                isFinite &= Float.isFinite(x);
            }
            assertThat(isFinite).as("%s, seed %d", bad, SEED).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void bytesThatNobodyWroteAreNumbersOrRefused(String text) {
        var rounding = Roundings.CATALOGUE.parse(text);
        for (var attempt = 0; attempt < 500; attempt++) {
            var bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            var out = Floats.allocate(arena, 1 + random.nextInt(16));
            try {
                rounding.decode(MemorySegment.ofArray(bytes), out);
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).as("seed %d", SEED).isNotBlank();
            }
        }
        var whole = encoded(rounding, gaussian(100, 1));
        var cut = MemorySegment.ofArray(whole).asSlice(0, whole.length - 1);
        assertThatThrownBy(() -> rounding.decode(cut, Floats.allocate(arena, 100)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private MemorySegment gaussian(int count, float scale) {
        var floats = Floats.allocate(arena, count);
        for (var i = 0; i < count; i++) {
            Floats.set(floats, i, (float) random.nextGaussian() * scale);
        }
        return floats;
    }

    private static byte[] encoded(Rounding rounding, MemorySegment floats) {
        var room = new byte[rounding.bytesMax(Math.toIntExact(Floats.count(floats)))];
        var bytes = rounding.encode(floats, MemorySegment.ofArray(room));
        return Arrays.copyOf(room, bytes);
    }

    private MemorySegment rounded(Rounding rounding, MemorySegment floats) {
        var out = Floats.allocate(arena, Floats.count(floats));
        rounding.decode(MemorySegment.ofArray(encoded(rounding, floats)), out);
        return out;
    }

    private static int[] bits(MemorySegment floats) {
        return floats.toArray(ValueLayout.JAVA_INT);
    }
}
