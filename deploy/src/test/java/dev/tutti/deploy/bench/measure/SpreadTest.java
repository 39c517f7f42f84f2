package dev.tutti.deploy.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void medianIsTheValueInTheMiddleOrTheMeanOfTwo() {
        assertThat(Spread.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Spread(4, 1, 9));
        assertThat(Spread.of(List.of(9.0, 1.0, 4.0, 6.0))).isEqualTo(new Spread(5, 1, 9));
        assertThat(Spread.of(List.of(7.0))).isEqualTo(new Spread(7, 7, 7));
    }

    @Test
    void ratiosAreTakenPairByPair() {
        // The ratio of the medians would be 1.
        var pairs = new Pairs(List.of(2.0, 10.0, 30.0), List.of(1.0, 10.0, 10.0));
        assertThat(pairs.ratio()).isEqualTo(new Spread(2, 1, 3));
        assertThat(pairs.inverseRatio()).isEqualTo(new Spread(0.5, 1.0 / 3, 1));
    }

    @Test
    void geometricMeanOfARatioAndItsInverseIsOne() {
        assertThat(Spread.geometricMean(List.of(4.0, 0.25))).isCloseTo(1, within(1e-12));
        assertThat(Spread.geometricMean(List.of(1.0, 2.0, 4.0))).isCloseTo(2, within(1e-12));
    }

    @Test
    void nothingMeasuredIsRefused() {
        assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Spread.geometricMean(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Pairs(List.of(1.0), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void textHasTheMedianBeforeTheRange() {
        assertThat(new Spread(1.5, 1, 2).text("%.2f")).isEqualTo("1.50 (1.00…2.00)");
    }
}
