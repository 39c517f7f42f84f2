package dev.tutti.common.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteCheckTest {
    @Test
    void everyFiniteNumberPasses() {
        var check = new FiniteCheck();
        check.note(
                6,
                new float[] {
                    0f, -0f, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, -Float.MIN_NORMAL
                });
        check.note(6, new float[] {1, 2, 3, 4, 5, 6});
        assertThat(check.allFinite()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneThatIsNotIsNoticedAnywhereAndNotForgotten(float poison) {
        for (var at = 0; at < Blocks.FLOATS_MAX; at++) {
            var block = new float[Blocks.FLOATS_MAX];
            block[at] = poison;
            var check = new FiniteCheck();
            check.note(block.length, block);
            check.note(block.length, new float[block.length]);
            assertThat(check.allFinite()).as("%s at %d", poison, at).isFalse();
        }
    }

    @Test
    void whatLiesBehindTheBlockDoesNotMatter() {
        var check = new FiniteCheck();
        check.note(1, new float[] {1f, Float.NaN});
        assertThat(check.allFinite()).isTrue();
    }
}
