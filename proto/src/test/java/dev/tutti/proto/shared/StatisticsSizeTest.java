package dev.tutti.proto.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Shape;
import dev.tutti.proto.Wire;
import dev.tutti.proto.failure.WireException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The statistics of the widest layer that normalises over the batch fit into any message. */
class StatisticsSizeTest {
    private static final int LARGE = (1 << 20) - 1;
    private static final Work.Measure WORK = new Work.Measure(Long.MAX_VALUE, LARGE);
    private static final Lease LEASE =
            new Lease(WORK, new ShardRange(LARGE - 1, LARGE), LARGE, new WorkerId(LARGE));
    private static final Totals TOTALS = new Totals(Integer.MAX_VALUE, 1, 0, -1);

    /** A model of a layer with more channels is refused; see WholeBatchTest. */
    private static final int CHANNELS_MAX = 2_000;

    @Test
    void theLargestFitIntoARingOfSharedMemory() {
        var layers = Layers.CATALOGUE.parseList("batch-norm(over=batch),dense(1)");
        var round = Model.of(layers, Shape.of(CHANNELS_MAX), 1).rounds().getFirst();
        var statistics = filled(round.length());
        var wire = Wire.inline();

        var brought = wire.toFrame(evaluated(statistics));
        var told = wire.toFrame(new ToWorker.Statistics(WORK, statistics));

        assertThat(brought.header().getSerializedSize())
                .isLessThanOrEqualTo(Ring.MESSAGE_BYTES_MAX);
        assertThat(told.header().getSerializedSize()).isLessThanOrEqualTo(Ring.MESSAGE_BYTES_MAX);
        assertThat(wire.fromWorker(brought)).isEqualTo(evaluated(statistics));
    }

    @Test
    void moreThanALayerCanHaveAreRefused() {
        var wire = Wire.inline();
        var frame = wire.toFrame(evaluated(filled(2 * CHANNELS_MAX + 2)));
        assertThatThrownBy(() -> wire.fromWorker(frame))
                .isInstanceOf(WireException.class)
                .hasMessage("statistics of 4002; expected 0 to 4001");
    }

    private static ToCoordinator.Evaluated evaluated(BatchStatistics statistics) {
        return new ToCoordinator.Evaluated(LEASE, TOTALS, statistics, Long.MAX_VALUE);
    }

    private static BatchStatistics filled(int count) {
        var values = new double[count];
        Arrays.fill(values, Math.PI);
        return BatchStatistics.of(values);
    }
}
