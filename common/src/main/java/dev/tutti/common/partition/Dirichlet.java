package dev.tutti.common.partition;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.random.Seeds;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Each virtual worker has a mixture of classes of its own, drawn from a Dirichlet distribution (Hsu
 * et al. 2019, "Measuring the effects of non-identical data distribution for federated visual
 * classification"). The mean of the mixtures is that of the data. Small {@code alpha} gives a
 * worker one class or two, large {@code alpha} gives all workers the mixture of the data.
 *
 * <p>Workers take samples in turn, each of a class that it draws by its mixture. A class that is
 * used up is left out of all mixtures. So no sample is used twice and no worker has more samples
 * than another, but mixtures are not exactly those that were drawn.
 *
 * @param alpha concentration for each class, if all have as many samples: the parameter of the
 *     distribution is {@code alpha · classes · p}, where p is the mixture of the data; Hsu et al.
 *     call {@code alpha · classes} alpha
 */
public record Dirichlet(double alpha) implements Partition {
    /** Refuses a concentration that is not finite and above 0. */
    public Dirichlet {
        Bounds.positive("alpha", alpha);
    }

    @Override
    public EpochOrders orders(TrainingSamples samples) {
        var byClass = samples.rowsByClass();
        var left = Arrays.stream(byClass).mapToInt(rows -> rows.length).toArray();
        var mixtures = mixtures(samples, left);
        var counts = samples.counts();
        var owned = Arrays.stream(counts).mapToObj(int[]::new).toArray(int[][]::new);
        var random = Seeds.of(samples.seed(), "partition-sample");
        var turns = Arrays.stream(counts).max().orElse(0);
        for (var turn = 0; turn < turns; turn++) {
            for (var worker = 0; worker < counts.length; worker++) {
                if (turn < counts[worker]) {
                    var k = mixtures[worker].next(random, left);
                    left[k]--;
                    owned[worker][turn] = byClass[k][left[k]];
                }
            }
        }
        return samples.owned(owned);
    }

    private ClassMixture[] mixtures(TrainingSamples samples, int[] counts) {
        var classes = Arrays.stream(counts).filter(count -> count > 0).count();
        var concentrations =
                Arrays.stream(counts)
                        .mapToDouble(count -> alpha * classes * count / samples.rows().length)
                        .toArray();
        return IntStream.range(0, samples.workers())
                .mapToObj(worker ->
                        ClassMixture.draw(
                                Seeds.of(samples.seed(), "partition-mixture", worker),
                                concentrations,
                                counts))
                .toArray(ClassMixture[]::new);
    }
}
