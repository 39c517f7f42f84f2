package dev.tutti.deploy.report.diff;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.deploy.report.html.RecordedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the bits of two runs part.
 *
 * @param same whether no difference is known
 * @param line what is known, in words
 * @param step the first one that differs
 * @param places what differs in that step
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BitsDiff(boolean same, String line, @Nullable Long step, List<Place> places) {
    /**
     * A gradient that differs.
     *
     * @param shard the virtual worker
     * @param workerA who computed it in the first run; -1 if that is not known
     * @param workerB the same in the second
     */
    public record Place(int shard, String layer, int workerA, int workerB) {}

    static BitsDiff of(RecordedRun a, RecordedRun b) {
        var digestsA = a.lines(RunFiles.DIGESTS);
        var digestsB = b.lines(RunFiles.DIGESTS);
        var common = new ArrayList<>(digestsA.keySet());
        common.retainAll(digestsB.keySet());
        for (var step : common) {
            var left = digestsA.get(step);
            var right = digestsB.get(step);
            if (left != null && right != null && !left.path("root").equals(right.path("root"))) {
                return ofStep(step, left, right, a, b);
            }
        }
        return ofWeights(a, b, common.size());
    }

    private static BitsDiff ofStep(
            long step, JsonNode left, JsonNode right, RecordedRun a, RecordedRun b) {
        if (!left.path("workers").equals(right.path("workers"))
                || !left.path("layers").equals(right.path("layers"))) {
            return new BitsDiff(
                    false,
                    "the gradients of step %d cannot be compared one by one: the runs have other shards or layers (--shards, --model)"
                            .formatted(step),
                    step,
                    List.of());
        }
        var stepsA = a.lines(RunFiles.STEPS);
        var stepsB = b.lines(RunFiles.STEPS);
        var places = new ArrayList<Place>();
        var leaves = left.path("leaves");
        for (var i = 0; i < leaves.size(); i++) {
            var shard = left.path("workers").path(i).asInt();
            for (var layer = 0; layer < leaves.path(i).size(); layer++) {
                if (!leaves.path(i).path(layer).equals(right.path("leaves").path(i).path(layer))) {
                    places.add(
                            new Place(
                                    shard,
                                    left.path("layers").path(layer).asText(),
                                    worker(stepsA, step, shard),
                                    worker(stepsB, step, shard)));
                }
            }
        }
        var first = places.isEmpty() ? "" : ", first " + text(places.getFirst());
        return new BitsDiff(
                false,
                "step %d is the first recorded one whose gradients differ: %d of %d%s"
                        .formatted(
                                step, places.size(), leaves.size() * leaves.path(0).size(), first),
                step,
                List.copyOf(places));
    }

    private static String text(Place place) {
        return "layer %s of shard %d (computed by worker %s and by worker %s)"
                .formatted(
                        place.layer(), place.shard(), name(place.workerA()), name(place.workerB()));
    }

    private static String name(int worker) {
        return worker < 0 ? "unknown" : Integer.toString(worker);
    }

    private static int worker(SortedMap<Long, JsonNode> steps, long step, int shard) {
        var line = steps.get(step);
        if (line != null) {
            for (var share : line.path("contributions")) {
                var shards = share.path("shards");
                if (shards.path(0).asInt() <= shard && shard < shards.path(1).asInt()) {
                    return share.path("worker").asInt();
                }
            }
        }
        return -1;
    }

    /** Compares what every run has: the losses of its steps, and digests of its weights. */
    private static BitsDiff ofWeights(RecordedRun a, RecordedRun b, int recorded) {
        var stepsB = b.lines(RunFiles.STEPS);
        var advice =
                recorded > 0
                        ? "; the gradients of all %d steps that both recorded are the same"
                                .formatted(recorded)
                        : "; with --record-digests every=1 both runs would tell the shard and the layer";
        for (var entry : a.lines(RunFiles.STEPS).entrySet()) {
            var other = stepsB.get(entry.getKey());
            if (other == null) {
                break;
            }
            for (var name : List.of("loss", "digest")) {
                var left = entry.getValue().path(name);
                if (!left.isNull()
                        && !other.path(name).isNull()
                        && !left.equals(other.path(name))) {
                    return new BitsDiff(
                            false,
                            "step %d is the first one whose %s differs%s"
                                    .formatted(
                                            entry.getKey(),
                                            name.equals("loss") ? "loss" : "weights' digest",
                                            advice),
                            entry.getKey(),
                            List.of());
                }
            }
        }
        var weightsA = a.figureText("weightsDigest");
        var weightsB = b.figureText("weightsDigest");
        if (weightsA.isEmpty() || weightsB.isEmpty()) {
            return new BitsDiff(
                    true,
                    "no difference in the steps that both have; a run is not over",
                    null,
                    List.of());
        }
        return weightsA.equals(weightsB)
                ? new BitsDiff(true, "none: the final weights have the same bits", null, List.of())
                : new BitsDiff(
                        false,
                        "the final weights differ, the steps that both have do not" + advice,
                        null,
                        List.of());
    }
}
