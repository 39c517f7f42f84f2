package dev.tutti.common.step.course;

import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Weights of versions before the newest, as workers get them, for as long as a task needs them. So
 * tasks of several versions are computed at once, while the steps are taken in the order of the
 * schedule. How many are kept decides how many processes can compute at once; no bit depends on it.
 */
final class KeptVersions {
    /** Enough for a few processes more than a run begins with. */
    private static final int MIN = 8;

    private final TrainingState state;
    private final TreeMap<Long, Elements> kept = new TreeMap<>();

    KeptVersions(TrainingState state) {
        this.state = state;
    }

    /**
     * Returns how many versions a run may keep beside the newest.
     *
     * @param workers that the run begins with; for each, one version is being computed with, and
     *     one is ready
     */
    static int most(RunSpec spec, int workers) {
        if (spec.syncMode().isWhole()) {
            return 0;
        }
        if (spec.syncMode().compensation().isPresent()) {
            // Those of all gradients that wait for their steps.
            return spec.shards();
        }
        return (int) Math.min(spec.shards(), Math.max(MIN, 2L * workers));
    }

    /** Keeps what workers got of the newest weights, and makes those after them the newest. */
    void swap(long version) {
        kept.put(version, state.swapAndKeep());
    }

    /** Lets go of a version that no task needs. */
    void release(long version) {
        var place = kept.remove(version);
        if (place != null) {
            state.giveBack(place);
        }
    }

    int count() {
        return kept.size();
    }

    Optional<Elements> of(long version) {
        return Optional.ofNullable(kept.get(version));
    }

    List<SavedVersion> saved() {
        return kept.entrySet().stream()
                .map(entry -> new SavedVersion(entry.getKey(), floats(entry.getValue())))
                .toList();
    }

    private static MemorySegment floats(Elements values) {
        return values.precision() == Precision.FP32
                ? values.floats()
                : values.floats(Floats.allocate(Arena.ofAuto(), values.count()));
    }

    /** Goes on with the versions that a stopped run has kept. */
    void resume(List<SavedVersion> saved) {
        List.copyOf(kept.keySet()).forEach(this::release);
        for (var version : saved) {
            var place = state.place();
            // What was rounded once is not changed by it.
            Elements.of(version.weights()).copyTo(place);
            kept.put(version.version(), place);
        }
    }
}
