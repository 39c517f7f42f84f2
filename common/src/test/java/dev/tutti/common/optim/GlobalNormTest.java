package dev.tutti.common.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GlobalNormTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    @Test
    void sumOfSquaresTakesEveryElementOnce() {
        for (var count = 0; count < 12; count++) {
            var vector = Floats.allocate(arena, count);
            var expected = 0.0;
            for (var i = 0; i < count; i++) {
                Floats.set(vector, i, i + 1);
                expected += (i + 1) * (i + 1);
            }
            assertThat(GlobalNorm.sumOfSquares(vector)).as("%d floats", count).isEqualTo(expected);
        }
    }

    @Test
    void longGradientIsCutToTheNormInItsDirection() {
        var gradient = Floats.of(arena, 3, 4, 12);

        scale(GlobalNorm.factor(GlobalNorm.sumOfSquares(gradient), 6.5), gradient);

        assertThat(Floats.toArray(gradient))
                .containsExactly(new float[] {1.5f, 2, 6}, within(1e-5f));
    }

    @Test
    void shortGradientKeepsItsBits() {
        var gradient = Floats.of(arena, 0.1f, 1e-30f, -0.3f);
        var before = Floats.toArray(gradient);

        scale(GlobalNorm.factor(GlobalNorm.sumOfSquares(gradient), 1), gradient);

        assertThat(Floats.toArray(gradient)).isEqualTo(before);
    }

    @Test
    void gradientOfZeroStaysZero() {
        assertThat(GlobalNorm.factor(0, 1e-12)).isFinite();
    }

    @Test
    void normThatIsNotAboveZeroIsRefused() {
        assertThatThrownBy(() -> GlobalNorm.factor(1, 0))
                .hasMessage("the largest norm must be a finite number above 0, was 0.0");
    }

    private static void scale(float factor, MemorySegment out) {
        Blocks.map(out, out, (count, block) -> GlobalNorm.scale(factor, count, block));
    }
}
