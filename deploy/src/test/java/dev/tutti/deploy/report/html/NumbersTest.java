package dev.tutti.deploy.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers as readers see them. */
class NumbersTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "0.25, 0.25, 0.25",
        "250000, 250000, 250000",
        "1000000, 1000000, 1e6",
        "-2500000, -2500000, -2.5e6",
        "1000000000, 1000000000, 1e9",
        "1e20, 1.000e+20, 1e20",
        "0.0001, 1.000e-04, 1.000e-04"
    })
    void anAxisHasNoRoomForManyDigits(double value, String text, String tick) {
        assertThat(Numbers.text(value)).isEqualTo(text);
        assertThat(Numbers.tick(value)).isEqualTo(tick);
    }
}
