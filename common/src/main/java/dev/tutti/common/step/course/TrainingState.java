package dev.tutti.common.step.course;

import dev.tutti.common.nn.Model;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.TensorLayout;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * All that a run has learnt: what a checkpoint holds and what a step changes. There are two buffers
 * of weights: a step reads the one and writes the other, so the weights before a step stay whole
 * until all of it is done.
 *
 * <p>Workers get the weights as they are, or, where what travels is rounded, from two more buffers,
 * which hold the same rounded ({@link Precision}). Where only codes of changes travel, these two
 * hold what the codes add up to, and so does one more vector behind the slots, which survives a
 * restart with them. A schedule may need weights of earlier versions: then a step goes on in
 * another place, and what workers get of the version before stays.
 */
public final class TrainingState {
    private final Precision precision;
    private final boolean sendsChanges;
    private final TensorLayout layout;
    private final List<MemorySegment> slots;
    private MemorySegment weights;
    private MemorySegment next;
    private Elements published;
    private Elements nextPublished;
    private final Deque<Elements> free = new ArrayDeque<>();
    private final Supplier<Elements> more;

    private TrainingState(
            Precision precision,
            boolean sendsChanges,
            TensorLayout layout,
            List<MemorySegment> slots,
            MemorySegment weights,
            MemorySegment next,
            Elements published,
            Elements nextPublished,
            Supplier<Elements> more) {
        this.precision = precision;
        this.sendsChanges = sendsChanges;
        this.layout = layout;
        this.slots = List.copyOf(slots);
        this.weights = weights;
        this.next = next;
        this.published = published;
        this.nextPublished = nextPublished;
        this.more = more;
    }

    /**
     * Returns a state of zeros.
     *
     * @param slotCount vectors of the optimizer and the mode
     * @param precision what the weights are rounded to for the workers
     * @param sendsChanges whether workers get codes of the weights' changes
     * @param places returns one place after another where workers find weights, as long as the
     *     model's vector and rounded so: two, and one for each version that is kept
     */
    public static TrainingState allocate(
            Arena arena,
            Model model,
            int slotCount,
            Precision precision,
            boolean sendsChanges,
            Supplier<Elements> places) {
        var published = places.get();
        var nextPublished = places.get();
        var length = model.vectorLength();
        var slots = new ArrayList<MemorySegment>();
        for (var i = 0; i < slotCount + (sendsChanges ? 1 : 0); i++) {
            slots.add(Floats.allocate(arena, length));
        }
        var asTheyAre = precision == Precision.FP32 && !sendsChanges;
        return new TrainingState(
                precision,
                sendsChanges,
                TensorLayout.of(model),
                slots,
                asTheyAre ? published.floats() : Floats.allocate(arena, length),
                asTheyAre ? nextPublished.floats() : Floats.allocate(arena, length),
                published,
                nextPublished,
                places);
    }

    /** Returns a state of zeros in memory of its own. */
    public static TrainingState allocate(
            Arena arena, Model model, int slotCount, Precision precision, boolean sendsChanges) {
        return allocate(
                arena,
                model,
                slotCount,
                precision,
                sendsChanges,
                () -> Elements.allocate(arena, precision, model.vectorLength()));
    }

    /** Returns a state of zeros in memory of its own, whose weights travel whole. */
    public static TrainingState allocate(
            Arena arena, Model model, int slotCount, Precision precision) {
        return allocate(arena, model, slotCount, precision, false);
    }

    /** Returns what the weights are rounded to for the workers. */
    public Precision publishedPrecision() {
        return precision;
    }

    /** Returns how many floats are trained; behind them are statistics. */
    public long trained() {
        return layout.trained();
    }

    /** Returns where the trained parameters lie. */
    TensorLayout layout() {
        return layout;
    }

    /** Returns the flat vector. */
    public MemorySegment weights() {
        return weights;
    }

    /** Tells whether workers get codes of the weights' changes. */
    public boolean sendsChanges() {
        return sendsChanges;
    }

    /** Tells whether workers read the very weights. */
    private boolean asTheyAre() {
        return precision == Precision.FP32 && !sendsChanges;
    }

    /** Returns the sum of the changes that workers got, if they get codes of them. */
    MemorySegment sent() {
        return slots.getLast();
    }

    /** Returns the optimizer's state, and what else a step needs, each as long as the weights. */
    public List<MemorySegment> slots() {
        return slots;
    }

    /** Returns the weights before and after the step at hand, and after it for the workers. */
    SteppedWeights stepping() {
        return new SteppedWeights(
                weights, next, precision == Precision.FP32 ? Elements.NONE : nextPublished);
    }

    /** Returns the weights as workers get them. */
    Elements published() {
        return published;
    }

    /** Returns where workers will find the weights that the step at hand writes. */
    Elements nextPublished() {
        return nextPublished;
    }

    /** Makes the weights ready for the workers, after all of them have changed. */
    void roundForWorkers() {
        if (sendsChanges) {
            Floats.copy(weights, sent());
        }
        publishAgain();
    }

    /** Makes ready for the workers what they had when this state was saved. */
    void publishAgain() {
        if (!asTheyAre()) {
            Elements.of(sendsChanges ? sent() : weights).copyTo(published);
        }
    }

    /** Makes what the step has written the weights. */
    void swap() {
        swap(published);
    }

    /**
     * Does the same, and leaves what workers get of the weights before as it is, until it is given
     * back.
     */
    Elements swapAndKeep() {
        var kept = published;
        swap(place());
        return kept;
    }

    private void swap(Elements nextPlace) {
        var before = weights;
        weights = next;
        published = nextPublished;
        nextPublished = nextPlace;
        next = asTheyAre() ? nextPlace.floats() : before;
    }

    /** Returns a place for weights that workers get; to be given back. */
    Elements place() {
        return free.isEmpty() ? more.get() : free.pop();
    }

    /** Takes a place back that nothing is read from any more. */
    void giveBack(Elements place) {
        free.push(place);
    }

    /** Returns the same in memory of its own, for keeping and not for steps. */
    TrainingState copy(Arena arena) {
        var copies = new ArrayList<MemorySegment>();
        slots.forEach(slot -> copies.add(Floats.allocate(arena, Floats.count(slot))));
        var copy =
                new TrainingState(
                        precision,
                        sendsChanges,
                        layout,
                        copies,
                        Floats.allocate(arena, Floats.count(weights)),
                        Floats.NONE,
                        Elements.NONE,
                        Elements.NONE,
                        () -> Elements.NONE);
        copyTo(copy);
        return copy;
    }

    /** Copies all that was learnt to a state of the same model and optimizer. */
    void copyTo(TrainingState out) {
        Floats.copy(weights, out.weights);
        for (var i = 0; i < slots.size(); i++) {
            Floats.copy(slots.get(i), out.slots.get(i));
        }
    }
}
