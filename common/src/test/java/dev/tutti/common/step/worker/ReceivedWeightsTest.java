package dev.tutti.common.step.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** What a relay can hand on of the versions that come to it. */
class ReceivedWeightsTest {
    private static final Chunks CHUNKS = new Chunks(10, 4);

    private static final RunSpec SPEC = Scenario.spec(8, 1, 4);

    private final ReceivedWeights weights =
            new ReceivedWeights(Arena.ofAuto(), CHUNKS, SPEC, SPEC.buildModel());

    @Test
    void aVersionIsServedUntilTheNextIsWhole() {
        for (var chunk = 0; chunk < CHUNKS.count(); chunk++) {
            take(1, chunk);
        }
        take(2, 0);
        assertThat(weights.published(1).chunksOf(1)).isEqualTo(3);
        assertThat(weights.published(2).chunksOf(2)).isEqualTo(1);
        take(2, 1);
        take(2, 2);
        assertThat(weights.published(1)).isEqualTo(PublishedWeights.NONE);
        assertThat(weights.published(2).chunksOf(2)).isEqualTo(3);
        assertThat(weights.published(3)).isEqualTo(PublishedWeights.NONE);
    }

    private void take(long version, int chunk) {
        var values = Elements.of(Floats.allocate(Arena.ofAuto(), CHUNKS.size(chunk)));
        weights.take(new ToWorker.Weights(version, CHUNKS.offset(chunk), Payload.of(values)));
    }
}
