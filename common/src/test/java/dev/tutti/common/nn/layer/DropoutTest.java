package dev.tutti.common.nn.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final int WIDTH = 1000;

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    /** Returns what is left of ones. */
    private float[] outputs(
            PassContext.Mode mode, long seed, long step, long layer, IntToLongFunction sampleAt) {
        var samples = 2L;
        var dropout = new Dropout(0.3);
        var in = Floats.allocate(arena, samples * WIDTH);
        var out = Floats.allocate(arena, samples * WIDTH);
        Floats.fill(1f, in);
        var shape = Shape.of(WIDTH);
        dropout.forward(
                new LayerCall(
                        new PlainKernel(),
                        new PassContext(mode, seed, step, sampleAt),
                        layer,
                        shape,
                        shape,
                        (int) samples,
                        Elements.NONE,
                        Floats.NONE,
                        Elements.NONE,
                        Floats.NONE,
                        Floats.allocate(arena, dropout.scratchFloats(shape, (int) samples)),
                        true),
                in,
                out);
        return Floats.toArray(out);
    }

    private float[] trained(long seed, long step, long layer, IntToLongFunction sampleAt) {
        return outputs(PassContext.Mode.TRAINING, seed, step, layer, sampleAt);
    }

    @Test
    void shareThatIsDroppedIsTheRateAndTheMeanStays() {
        var outputs = trained(1, 2, 3, row -> row);
        var kept = 0;
        for (var output : outputs) {
            assertThat(output).isIn(0f, (float) (1 / 0.7));
            kept += output > 0 ? 1 : 0;
        }
        // Six deviations of 2,000 draws are 0.061.
        assertThat(kept / (double) outputs.length).isCloseTo(0.7, within(0.061));
    }

    @Test
    void evaluationDropsNothing() {
        assertThat(outputs(PassContext.Mode.EVALUATION, 1, 2, 3, row -> row)).containsOnly(1f);
    }

    @Test
    void maskDependsOnSeedStepLayerAndSample() {
        var mask = trained(1, 2, 3, row -> 40 + row);

        assertThat(trained(1, 2, 3, row -> 40 + row)).isEqualTo(mask);
        assertThat(trained(9, 2, 3, row -> 40 + row)).isNotEqualTo(mask);
        assertThat(trained(1, 9, 3, row -> 40 + row)).isNotEqualTo(mask);
        assertThat(trained(1, 2, 9, row -> 40 + row)).isNotEqualTo(mask);
        assertThat(trained(1, 2, 3, row -> 90 + row)).isNotEqualTo(mask);
    }

    @Test
    void maskOfASampleIsTheSameInAnyRow() {
        var mask = trained(1, 2, 3, row -> 40 + row);
        var swapped = trained(1, 2, 3, row -> 41 - row);

        for (var unit = 0; unit < WIDTH; unit++) {
            assertThat(swapped[unit]).isEqualTo(mask[WIDTH + unit]);
            assertThat(swapped[WIDTH + unit]).isEqualTo(mask[unit]);
        }
    }

    @Test
    void nestedLayersHaveMasksOfTheirOwn() {
        var text = "dropout(0.5),residual(dropout(0.5),residual(dropout(0.5))),dropout(0.5)";
        var chain = Chain.of(Layers.CATALOGUE.parseList(text), Shape.of(WIDTH));
        var call =
                new LayerCall(
                        new PlainKernel(),
                        new PassContext(PassContext.Mode.TRAINING, 1, 1, row -> row),
                        0,
                        Shape.of(WIDTH),
                        Shape.of(WIDTH),
                        1,
                        Elements.NONE,
                        Floats.NONE,
                        Elements.NONE,
                        Floats.NONE,
                        Floats.allocate(arena, chain.scratchFloats(1)),
                        false);
        var in = Floats.allocate(arena, WIDTH);
        Floats.fill(1f, in);

        var out = Floats.toArray(chain.forward(call, in));

        // y = 2m₁(1 + 2m₂(1 + 2m₃))·2m₄ takes the value of equal masks, 28, once in sixteen.
        var all = 0;
        for (var value : out) {
            all += value == 28f ? 1 : 0;
        }
        assertThat(all / (double) WIDTH).isCloseTo(1 / 16.0, within(0.05));
    }
}
