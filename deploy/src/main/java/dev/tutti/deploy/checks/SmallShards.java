package dev.tutti.deploy.checks;

import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.BatchNorm;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.layer.Residual;
import java.util.ArrayList;
import java.util.Optional;

/**
 * Shards with too few samples for a layer that takes statistics over them, as batch normalisation
 * does: its means are noise, and with one sample a shard nothing is left to learn from.
 */
public final class SmallShards {
    /**
     * Fewer than this many samples give poor statistics (Wu and He 2018, "Group normalization").
     */
    private static final int SAMPLES_MIN = 16;

    private SmallShards() {}

    /**
     * Returns the warning for a run, if it needs one.
     *
     * @param batch samples of a step, as asked for
     * @param trainSamples all there are
     * @param shards of a step
     */
    public static Optional<String> warning(Model model, int batch, int trainSamples, int shards) {
        var mixing = model.layers().stream().filter(SmallShards::mixesShard).findFirst();
        if (mixing.isEmpty()) {
            return Optional.empty();
        }
        var step = Math.min(batch, trainSamples);
        var rest = trainSamples % step;
        var full = smallest(step, shards);
        var low = new ArrayList<String>();
        if (full < SAMPLES_MIN) {
            low.add("%d of a step's %d".formatted(full, step));
        }
        if (rest > 0 && smallest(rest, shards) < SAMPLES_MIN) {
            low.add(
                    "%d of the %d in the last step of an epoch"
                            .formatted(smallest(rest, shards), rest));
        }
        return low.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "%s takes its statistics over a shard's samples, and a shard has only %s; below %d they are noise and little is learned: give %s, or take batch-norm(over=batch)"
                                .formatted(
                                        name(mixing.get()),
                                        String.join(", and ", low),
                                        SAMPLES_MIN,
                                        advice(step, rest, trainSamples, shards)));
    }

    /** Tells whether a layer takes statistics over a shard, and not over the whole batch. */
    private static boolean mixesShard(Layer layer) {
        return switch (layer) {
            case BatchNorm norm -> norm.over() == BatchNorm.Over.SHARD;
            case Residual(var layers) -> layers.stream().anyMatch(SmallShards::mixesShard);
            default -> layer.mixesSamples();
        };
    }

    private static String name(Layer layer) {
        return Layers.CATALOGUE.format(layer).replaceFirst("\\(.*", "");
    }

    /** Returns the samples of the smallest shard that has any. */
    private static int smallest(int samples, int shards) {
        return Math.max(1, samples / shards);
    }

    /** Returns options that give every shard enough samples, as far as there are so many. */
    private static String advice(int step, int rest, int trainSamples, int shards) {
        var enough = SAMPLES_MIN * shards;
        var options = new ArrayList<String>();
        if (step < enough && trainSamples >= enough) {
            options.add("--batch %d or more".formatted(enough));
        }
        var fewer = (rest < SAMPLES_MIN ? step : Math.min(step, rest)) / SAMPLES_MIN;
        if (fewer >= 1 && fewer < shards) {
            options.add("--shards " + fewer);
        }
        if (step >= enough && rest < SAMPLES_MIN) {
            options.add(
                    "a --batch that leaves a larger rest of the %d training samples"
                            .formatted(trainSamples));
        }
        if (options.isEmpty() && trainSamples >= SAMPLES_MIN) {
            var most = trainSamples / SAMPLES_MIN;
            options.add("--batch %d with --shards %d".formatted(most * SAMPLES_MIN, most));
        }
        return options.isEmpty() ? "more training samples" : String.join(", or ", options);
    }
}
