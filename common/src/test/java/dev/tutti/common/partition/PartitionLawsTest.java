package dev.tutti.common.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.Targets;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every partition of the catalogue keeps, for any numbers of samples, workers and classes. */
class PartitionLawsTest {
    private static final long SEED = 20_261_130;
    private static final int ROUNDS = 60;

    /** Each entry of the catalogue with some of its settings; a new one fails until it is here. */
    static Stream<Partition> partitions() {
        return Stream.of(
                        "iid",
                        "sorted",
                        "dirichlet(1e-300)",
                        "dirichlet(0.05)",
                        "dirichlet(1)",
                        "dirichlet(1e300)",
                        "by-label(1)",
                        "by-label(2)",
                        "by-label(5)")
                .map(Partitions.CATALOGUE::parse);
    }

    static Stream<String> names() {
        return Partitions.CATALOGUE.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyEntryIsHeldToTheLaws(String name) {
        assertThat(partitions().map(Partitions.CATALOGUE::format))
                .anyMatch(text -> text.startsWith(name));
    }

    @ParameterizedTest
    @MethodSource("partitions")
    void anEpochIsAFunctionOfTextSeedLabelsAndNumbers(Partition partition) {
        var again = Partitions.CATALOGUE.parse(Partitions.CATALOGUE.format(partition));
        assertThat(again).isEqualTo(partition);
        for (var round = 0; round < ROUNDS; round++) {
            var epoch = round % 5;
            var rows = partition.orders(drawn(partition, round)).rows(epoch);
            // Another instance, which was asked for other epochs before.
            var orders = again.orders(drawn(partition, round));
            orders.rows(epoch + 1);
            Arrays.fill(orders.rows(epoch), 0);
            assertThat(orders.rows(epoch)).as("seed %d, round %d", SEED, round).isEqualTo(rows);
        }
    }

    @ParameterizedTest
    @MethodSource("partitions")
    void everyEpochHasEachTrainingSampleOnce(Partition partition) {
        for (var round = 0; round < ROUNDS; round++) {
            var samples = drawn(partition, round);
            var orders = partition.orders(samples);
            for (var epoch = 0; epoch < 3; epoch++) {
                var rows = orders.rows(epoch);
                Arrays.sort(rows);
                assertThat(rows)
                        .as("seed %d, round %d, epoch %d", SEED, round, epoch)
                        .isEqualTo(samples.rows());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("partitions")
    void aWorkerHasAsManySamplesAsItsShards(Partition partition) {
        for (var round = 0; round < ROUNDS; round++) {
            var samples = drawn(partition, round);
            var walks = Samples.walks(samples, partition.orders(samples).rows(0));
            assertThat(Arrays.stream(walks).mapToInt(walk -> walk.length).toArray())
                    .as("seed %d, round %d", SEED, round)
                    .isEqualTo(samples.counts());
            var counts = IntStream.of(samples.counts()).summaryStatistics();
            assertThat(counts.getMax() - counts.getMin())
                    .isLessThanOrEqualTo(samples.batches().stepsPerEpoch());
        }
    }

    /** Only iid deals out all samples anew in each epoch. */
    @ParameterizedTest
    @MethodSource("partitions")
    void aWorkerKeepsItsSamplesAndWalksThemInAnotherOrder(Partition partition) {
        for (var round = 0; round < ROUNDS; round++) {
            var samples = drawn(partition, round);
            var orders = partition.orders(samples);
            var first = Samples.walks(samples, orders.rows(0));
            var second = Samples.walks(samples, orders.rows(1));
            var isShuffled = samples.batches().shuffle();
            if (!isShuffled || hasChoice(samples)) {
                assertThat(Arrays.deepEquals(first, second))
                        .as("seed %d, round %d: the same order", SEED, round)
                        .isEqualTo(!isShuffled);
            }
            for (var walks : List.of(first, second)) {
                Arrays.stream(walks).forEach(Arrays::sort);
            }
            assertThat(partition instanceof Iid || Arrays.deepEquals(first, second))
                    .as("seed %d, round %d: the same samples", SEED, round)
                    .isTrue();
        }
    }

    /** So many samples are hardly ever shuffled into the same order. */
    private static boolean hasChoice(TrainingSamples samples) {
        return IntStream.of(samples.counts()).max().orElseThrow() > 12;
    }

    @ParameterizedTest
    @MethodSource("partitions")
    void theOrderOfWorkersInABatchIsThatOfTheirNumbers(Partition partition) {
        var samples = Samples.equal(120, 10, 12, 24, SEED);
        var orders = partition.orders(samples);
        var walks = Samples.walks(samples, orders.rows(0));
        var rows = orders.rows(0);
        for (var batch = 0; batch < 5; batch++) {
            for (var worker = 0; worker < 12; worker++) {
                var at = batch * 24 + worker * 2;
                assertThat(Arrays.copyOfRange(walks[worker], batch * 2, batch * 2 + 2))
                        .isEqualTo(Arrays.copyOfRange(rows, at, at + 2));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("partitions")
    void anotherSeedGivesAWorkerOtherSamples(Partition partition) {
        var own = new HashSet<List<Integer>>();
        for (var seed = 0; seed < 10; seed++) {
            var samples = Samples.equal(400, 10, 10, 40, seed);
            var walk = Samples.walks(samples, partition.orders(samples).rows(0))[3];
            own.add(Arrays.stream(walk).sorted().boxed().toList());
        }
        // Two classes may be one worker's whole share, by any seed.
        assertThat(own).hasSizeGreaterThan(partition instanceof Sorted ? 0 : 3);
    }

    /** The epoch of iid is that of the batches alone: the bits of all runs before partitions. */
    @Test
    void iidIsTheOrderOfAllSamples() {
        for (var round = 0; round < ROUNDS; round++) {
            var samples = drawn(new Iid(), round);
            for (var epoch = 0; epoch < 3; epoch++) {
                assertThat(new Iid().orders(samples).rows(epoch))
                        .isEqualTo(samples.batches().rows(epoch, samples.rows()));
            }
        }
    }

    /** A run that goes on after years must find the samples that it began with. */
    @ParameterizedTest
    @CsvSource({
        "iid,-1386449231",
        "sorted,-484546371",
        "dirichlet(0.1),1111934969",
        "dirichlet(10),-2014519805",
        "by-label(2),1701750197"
    })
    void theOrdersStay(String text, int hash) {
        var samples = Samples.equal(97, 5, 6, 20, 7);
        var orders = Partitions.CATALOGUE.parse(text).orders(samples);
        assertThat(Arrays.hashCode(orders.rows(2))).isEqualTo(hash);
    }

    @ParameterizedTest
    @MethodSource("partitions")
    void realValuesHaveNoClassesToDivideBy(Partition partition) {
        var values = new Targets.Values(List.of("price", "rent"), MemorySegment.NULL);
        if (partition instanceof Iid) {
            assertThat(partition.refusal(values, 4)).isEmpty();
        } else {
            assertThat(partition.refusal(values, 4).orElseThrow())
                    .startsWith("the partition " + Partitions.CATALOGUE.format(partition))
                    .contains("the targets price,rent are real values: use iid");
        }
    }

    @Test
    void byLabelNeedsClassesAndAPlaceForEach() {
        var targets = Samples.equal(100, 10, 5, 20, SEED).targets();
        assertThat(new ByLabel(10).refusal(targets, 1)).isEmpty();
        assertThat(new ByLabel(2).refusal(targets, 5)).isEmpty();
        assertThat(new ByLabel(11).refusal(targets, 5))
                .contains("by-label(11) needs at least 11 classes, but the data has 10: lower k");
        assertThat(new ByLabel(2).refusal(targets, 4))
                .contains(
                        "by-label(2) has no place for all 10 classes on 4 virtual workers: raise --shards to at least 5, or k to at least 3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dirichlet(0)",
                "dirichlet(-1)",
                "dirichlet(NaN)",
                "dirichlet(Infinity)",
                "by-label(0)",
                "by-label(-1)",
                "sorted(1)",
                "dirichlet",
                "by-class(2)"
            })
    void aSettingOutOfRangeIsRefused(String text) {
        assertThatThrownBy(() -> Partitions.CATALOGUE.parse(text))
                .isInstanceOf(PlugInException.class)
                .hasMessageContaining("partition")
                .message()
                .doesNotContain("\n");
    }

    private static TrainingSamples drawn(Partition partition, int round) {
        return Samples.drawn(partition, Seeds.of(SEED, "partition-laws", round));
    }
}
