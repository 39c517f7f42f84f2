package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import dev.tutti.common.partition.Partitions;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedCluster;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The partition of a run says which samples each virtual worker has. The ledger is exact, and the
 * number of processes changes no bit, in every mode of training.
 */
class PartitionClusterTest {
    private static final int SHARDS = 6;
    private static final String CLOCK = "virtual(spread=0.8,slow=1,factor=3)";

    /** An epoch has 72 training samples: its last batch has 2 of 14, for 6 shards. */
    private static final Scenario SCENARIO =
            Scenario.standard().with(Scenario.spec(14, SHARDS, 20));

    private static final Map<List<String>, float[]> ALONE = new HashMap<>();

    /** Each entry of the catalogue; a new one fails until it is here. */
    static Stream<String> partitions() {
        return Stream.of("iid", "sorted", "dirichlet(0.1)", "by-label(2)");
    }

    static Stream<String> modes() {
        return Stream.of(
                "backup(2)", "stale(2)", "asynchronous", "asynchronous(4)", "local(3,rate=0.1)");
    }

    static Stream<Arguments> both() {
        return partitions()
                .flatMap(partition -> modes().map(mode -> Arguments.of(partition, mode)));
    }

    @Test
    void everyEntryIsHeldToTheLaws() {
        assertThat(partitions().map(text -> text.replaceAll("\\(.*", "")))
                .containsExactlyInAnyOrderElementsOf(Partitions.CATALOGUE.names());
    }

    @ParameterizedTest
    @MethodSource("partitions")
    void anyNumberOfProcessesTrainsTheSameBits(String partition) {
        for (var processes = 1; processes <= 4; processes++) {
            var cluster = cluster(partition, "synchronous", processes);
            for (var i = 0; i < processes; i++) {
                cluster.join(1 + i % 2, i == 0 && processes % 2 == 0);
            }
            assertBits(cluster, partition, "synchronous");
        }
    }

    @ParameterizedTest
    @MethodSource("partitions")
    void aWorkerThatDiesAndAStragglerCostNoBit(String partition) {
        for (var seed = 1; seed <= 4; seed++) {
            var cluster = cluster(partition, "synchronous", seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            cluster.join(1, false).slowness = 200;
            cluster.runToStep(seed);
            cluster.runFor(2L * seed);
            victim.kill(false);
            assertBits(cluster, partition, "synchronous");
        }
    }

    @ParameterizedTest
    @MethodSource("both")
    void everyModeTrainsTheSameBitsOnAnyNumberOfProcesses(String partition, String mode) {
        for (var processes = 1; processes <= 4; processes++) {
            var cluster = cluster(partition, mode, processes);
            for (var i = 0; i < processes; i++) {
                cluster.join(1 + i % 2, i == 0 && processes % 2 == 0);
            }
            assertBits(cluster, partition, mode);
        }
    }

    @ParameterizedTest
    @MethodSource("both")
    void inEveryModeAWorkerHasItsOwnSamplesAlone(String partition, String mode) {
        var spec = scenario(partition, mode).spec();
        var plan = new SamplePlan(spec, Scenario.DATA);
        var batchesOfEpoch = 6L;
        for (var worker = 0; worker < SHARDS; worker++) {
            var first = rows(plan, worker, 0, batchesOfEpoch);
            var second = rows(plan, worker, batchesOfEpoch, 2 * batchesOfEpoch);
            assertThat(first).hasSameSizeAs(second).hasSizeBetween(10, 16);
            assertThat(first.equals(second)).isEqualTo(!partition.equals("iid"));
        }
    }

    private static Set<Integer> rows(SamplePlan plan, int worker, long from, long to) {
        var rows = new HashSet<Integer>();
        for (var batch = from; batch < to; batch++) {
            var slice = plan.slice(new Work.Train(0, batch), new ShardRange(worker, worker + 1));
            for (var i = slice.from(); i < slice.to(); i++) {
                assertThat(rows.add(slice.rows()[i])).isTrue();
            }
        }
        return rows;
    }

    @Test
    void partitionsTrainDifferentWeights() {
        var all = partitions().map(partition -> alone(partition, "synchronous")).toList();
        assertThat(all.stream().map(Arrays::hashCode).distinct()).hasSize(all.size());
    }

    /** A worker that is sent such a spec refuses the data, and says why. */
    @Test
    void realValuesAreRefused() {
        var spec = SCENARIO.withPartition("sorted").spec();
        var values = new Targets.Values(List.of("price"), MemorySegment.NULL);
        var split = spec.split(Scenario.DATA);
        assertThatThrownBy(() -> new SamplePlan(spec, split, values))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the targets price are real values");
    }

    private static Scenario scenario(String partition, String mode) {
        return SCENARIO.withMode(mode, CLOCK).withPartition(partition);
    }

    private static SimulatedCluster cluster(String partition, String mode, long seed) {
        return new SimulatedCluster(scenario(partition, mode), seed);
    }

    private static void assertBits(SimulatedCluster cluster, String partition, String mode) {
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(alone(partition, mode));
    }

    private static float[] alone(String partition, String mode) {
        return ALONE.computeIfAbsent(
                List.of(partition, mode),
                _ -> SimulatedCluster.undisturbed(scenario(partition, mode)));
    }
}
