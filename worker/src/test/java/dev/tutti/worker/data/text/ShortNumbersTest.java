package dev.tutti.worker.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortNumbersTest {
    private static final int NUMBERS = 200_000;
    private static final long SEED = 1;

    @Test
    void aNumberHasTheBitsThatTheJdkGivesIt() {
        var random = Seeds.of(SEED, "numbers");
        var read = 0;
        var singles = 0;
        for (var i = 0; i < NUMBERS; i++) {
            var text = drawn(random);
            var real = parseDouble(text);
            var single = parseFloat(text);
            if (!Double.isNaN(real)) {
                read++;
                assertThat(Double.doubleToRawLongBits(real))
                        .as("seed %d, number %d: %s", SEED, i, text)
                        .isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text)));
            }
            if (!Float.isNaN(single)) {
                singles++;
                assertThat(Float.floatToRawIntBits(single))
                        .as("seed %d, number %d: %s", SEED, i, text)
                        .isEqualTo(Float.floatToRawIntBits(Float.parseFloat(text)));
            }
        }
        assertThat(read).isGreaterThan(NUMBERS / 2);
        assertThat(singles).isGreaterThan(read);
    }

    @Test
    void betweenTwoFloatsTheLastDigitsDecide() {
        // 1 + 2⁻²⁴ is half way from 1 to the next float; the nearest double to each of these is it.
        for (var digits : new String[] {"1.000000059604644775390625", "1.00000005960464478"}) {
            assertThat(parseFloat(digits)).isNaN();
        }
        assertThat(parseFloat("16777217")).isNaN();
        assertThat(parseFloat("16777219.5")).isEqualTo(Float.parseFloat("16777219.5"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5x", "1.2.3", "1x", "--1", "0x1",
                "NaN", "1d", "1,5", "1e1000", "1 2", "1e23", "1e-23"
            })
    void whatIsNoShortNumberIsLeftToTheJdk(String text) {
        assertThat(parseDouble(text)).isNaN();
        assertThat(parseFloat(text)).isNaN();
    }

    @Test
    void theDecimalMarkMayBeAComma() {
        var text = "x-1,25e2x".toCharArray();
        assertThat(ShortNumbers.parse(text, 1, 8, ',', true)).isEqualTo(-125);
        assertThat(ShortNumbers.parse(text, 1, 8, '.', true)).isNaN();
        assertThat(parseDouble("-0")).isEqualTo(-0.0);
    }

    private static String drawn(Seeds random) {
        return switch (random.nextInt(7)) {
            case 0 -> Integer.toString((int) random.nextLong());
            case 1 -> Float.toString(Float.intBitsToFloat((int) random.nextLong() & 0xBF7F_FFFF));
            case 2 -> Double.toString(random.nextGaussian());
            case 3 -> Long.toString(random.nextLong() >> random.nextInt(64)) + ".";
            case 4 -> "+.%dE%d".formatted(random.nextInt(1_000_000), random.nextInt(18) - 9);
            case 5 -> new BigDecimal(random.nextGaussian()).toString();
            default -> {
                // Half way between two floats, and a little beside it.
                var half = 1 + (2 * random.nextInt(1 << 22) + 1) * 0x1p-24;
                yield Double.toString(random.nextInt(2) == 0 ? half : Math.nextUp(half));
            }
        };
    }

    private static double parseDouble(String text) {
        return ShortNumbers.parse(text.toCharArray(), 0, text.length(), '.', true);
    }

    private static float parseFloat(String text) {
        return (float) ShortNumbers.parse(text.toCharArray(), 0, text.length(), '.', false);
    }
}
