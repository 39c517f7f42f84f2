package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.ChunkSums;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.StepLens;
import dev.tutti.common.average.StepSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.SavedTask;
import dev.tutti.common.step.course.SavedVector;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.Task;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The tasks of a run whose mode has a schedule. All tasks that are computed with the weights of a
 * version are open as soon as there is that version; their gradients wait here for the steps that
 * they are part of, which may be far ahead. A step is taken once its own tasks are in, so tasks of
 * several versions are open at once, and each version is kept as long as one is. What is open or
 * waits is at most a gradient for each virtual worker and a step.
 */
final class OpenTasks {
    private static final String AVERAGE = "average";

    private record Place(Work work, ShardRange shard) {}

    private final Arena arena;
    private final Chunks chunks;
    private final SamplePlan plan;
    private final Averaging averaging;
    private final StepLens lens;
    private final ChunkSums sums;
    private final KeptVectors kept;
    private final WorkerMomenta momenta;
    private final StaleGradients stale;
    private final Optional<DelayCompensator> compensator;
    private final LongFunction<Elements> weights;
    private final Leasing leasing;
    private final Supplier<OpenTask> maker;
    private final LongConsumer unneeded;
    private final Deque<OpenTask> idle = new ArrayDeque<>();
    private final Map<Place, OpenTask> open = new HashMap<>();
    private final Map<Task, OpenTask> brought = new TreeMap<>();
    private final Map<Integer, StepSum> sumsByCount = new HashMap<>();

    /** Those of the same number of vectors, of which the last is the average of the step before. */
    private final Map<Integer, StepSum> following = new HashMap<>();

    private List<OpenTask> ofStep = List.of();
    private final List<Task> unannounced = new ArrayList<>();
    private long number;
    private StepTasks step = new StepTasks(0, List.of(), List.of());

    /**
     * Makes the tasks of a run.
     *
     * @param averaging makes one gradient of a step's
     * @param lens looks at what is averaged
     * @param sums where that goes
     * @param trained floats of a vector that are trained; behind them are statistics
     * @param honest virtual workers, the first ones
     * @param compensator corrects gradients for the steps since, if the mode does
     * @param weights returns what workers get of a version of the weights that tasks need
     * @param maker makes room for a task
     * @param unneeded is told of versions of the weights that no task needs any more
     */
    OpenTasks(
            Arena arena,
            Chunks chunks,
            SamplePlan plan,
            Averaging averaging,
            StepLens lens,
            ChunkSums sums,
            long trained,
            int honest,
            Optional<DelayCompensator> compensator,
            LongFunction<Elements> weights,
            Leasing leasing,
            Supplier<OpenTask> maker,
            LongConsumer unneeded) {
        this.arena = arena;
        this.chunks = chunks;
        this.plan = plan;
        this.averaging = averaging;
        this.lens = lens;
        this.sums = sums;
        this.kept = new KeptVectors(arena, chunks.length());
        this.momenta =
                new WorkerMomenta(kept, averaging.workerMomentum(), chunks.length(), trained);
        this.stale = new StaleGradients(kept, averaging.faults().age(), honest);
        this.compensator = compensator;
        this.weights = weights;
        this.leasing = leasing;
        this.maker = maker;
        this.unneeded = unneeded;
    }

    /** Opens the tasks that are computed with the weights of a version. */
    void begin(long version, long now) {
        number = version;
        step = plan.tasks(version);
        step.begun().forEach(task -> open(task, now));
        unannounced.forEach(task -> arrived(task, now));
        unannounced.clear();
    }

    private void open(Task task, long now) {
        var work = OpenTask.work(task);
        if (!leasing.isOpen(work)) {
            leasing.open(work, chunks.count(), now);
        }
        leasing.add(work, OpenTask.shard(task));
        var next = idle.isEmpty() ? maker.get() : idle.remove();
        next.begin(task);
        open.put(new Place(work, OpenTask.shard(task)), next);
    }

    /** Returns the open task that a lease is for. */
    Optional<OpenWork> find(Lease lease) {
        return Optional.ofNullable(open.get(new Place(lease.work(), lease.shards())))
                .map(OpenTask::work);
    }

    /** Returns the works of the open tasks. */
    List<OpenWork> works() {
        return open.values().stream().map(OpenTask::work).toList();
    }

    /** Notes that all of a task's gradient has come; returns who brought it. */
    List<StepReport.Share> complete(OpenWork work, long now) {
        var found = open.values().stream().filter(task -> task.work() == work).findFirst();
        found.ifPresent(done -> complete(done, now));
        return found.map(OpenTask::shares).orElse(List.of());
    }

    private void complete(OpenTask done, long now) {
        var work = OpenTask.work(done.task());
        var shard = OpenTask.shard(done.task());
        open.remove(new Place(work, shard));
        leasing.remove(work, shard, now);
        if (open.keySet().stream().noneMatch(at -> at.work().equals(work))) {
            leasing.close(work, now);
        }
        done.complete();
        brought.put(done.task(), done);
        releaseUnneeded(done.task().version());
        arrived(done.task(), now);
    }

    /** Tells whether a gradient of the weights of a version is here. */
    boolean hasBegun(long version) {
        return brought.keySet().stream().anyMatch(task -> task.version() == version);
    }

    private void arrived(Task task, long now) {
        plan.arrived(task, now).forEach(begun -> open(begun, now));
        step = plan.tasks(number);
    }

    /** Tells whether all that the step is made of has come. */
    boolean isReady() {
        return !step.tasks().isEmpty() && brought.keySet().containsAll(step.tasks());
    }

    /** Tells whether no task is open. */
    boolean isIdle() {
        return open.isEmpty();
    }

    /** Tells whether a task still needs the weights of a version, to be computed or corrected. */
    boolean needs(long version) {
        return Stream.concat(
                        open.values().stream(),
                        compensator.isPresent() ? brought.values().stream() : Stream.of())
                .anyMatch(task -> task.task().version() == version);
    }

    private void releaseUnneeded(long version) {
        if (!needs(version)) {
            unneeded.accept(version);
        }
    }

    /** Makes one gradient of the step's; tells whether it is finite. */
    boolean reduce() {
        ofStep = step.tasks().stream().map(this::take).toList();
        var follows = averaging.keepsAverage() && kept.has(AVERAGE);
        var vectors = ofStep.size() + (follows ? 1 : 0);
        var sum = (follows ? following : sumsByCount).computeIfAbsent(vectors, this::sumOf);
        sum.begin(new ShardTree(vectors).root());
        for (var i = 0; i < ofStep.size(); i++) {
            var task = ofStep.get(i);
            compensator.ifPresent(with -> correct(with, task));
            var weight = plan.mode().weight(task.task().staleness(number));
            if (weight != 1) {
                Floats.scale((float) weight, task.gradient());
            }
            put(sum, i, brought(task));
        }
        if (follows) {
            put(sum, ofStep.size(), kept.of(AVERAGE));
        }
        return sum.settle() != StepSum.Outcome.NOT_FINITE;
    }

    private void correct(DelayCompensator with, OpenTask task) {
        with.correct(
                task.totals().samples(),
                weights.apply(task.task().version()),
                weights.apply(number),
                task.gradient());
    }

    /** Returns what a worker brings: a sum over its samples, or a momentum. */
    private MemorySegment brought(OpenTask task) {
        var vector = momenta.isKept() ? momenta.of(task) : task.gradient();
        var worker = task.task().worker();
        if (!stale.isOf(worker)) {
            return vector;
        }
        var out = task.gradient();
        var samples = momenta.isKept() ? 1 : task.totals().samples();
        if (momenta.isKept()) {
            Floats.copy(vector, out);
        } else {
            Floats.divide(samples, out);
        }
        stale.exchange(worker, number, out);
        Floats.scale(samples, out);
        return out;
    }

    private OpenTask take(Task task) {
        return Optional.ofNullable(brought.remove(task))
                .orElseThrow(() -> new IllegalStateException(task + " has not come"));
    }

    private void put(StepSum sum, int place, MemorySegment gradient) {
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            var part = Floats.slice(gradient, chunks.offset(chunk), chunks.size(chunk));
            sum.put(new ShardRange(place, place + 1), chunk, Payload.of(part));
        }
    }

    private StepSum sumOf(int vectors) {
        return new StepSum(
                arena,
                new ShardTree(vectors),
                chunks,
                vectors > ofStep.size() ? averaging.followingLast() : averaging,
                // A momentum is a mean, and so the sum over one; so is the average before.
                place ->
                        momenta.isKept() || place == ofStep.size()
                                ? 1
                                : ofStep.get(place).totals().samples(),
                () -> number,
                // What is followed is no gradient of the step.
                vectors > ofStep.size() ? StepLens.NONE : lens,
                averaging.keepsAverage() ? keeping() : sums);
    }

    /** Keeps the average, chunk by chunk, once all that was there of the chunk has been read. */
    private ChunkSums keeping() {
        var average = kept.of(AVERAGE);
        var copies = ChunkSums.of(chunks, average);
        return new ChunkSums() {
            @Override
            public boolean take(int chunk, List<Elements> terms) {
                return copies.take(chunk, terms) && sums.take(chunk, terms);
            }

            @Override
            public void taken(int chunk) {
                sums.taken(chunk);
            }
        };
    }

    /** Returns the totals of the step that was reduced last, in the order of its tasks. */
    Totals totals() {
        return ofStep.stream().map(OpenTask::totals).reduce(Totals.NONE, Totals::plus);
    }

    /** Returns the virtual worker of a task of that step. */
    int worker(int place) {
        return ofStep.get(place).task().worker();
    }

    /** Returns who brought what to that step. */
    List<StepReport.Share> shares() {
        return ofStep.stream().flatMap(task -> task.shares().stream()).toList();
    }

    /** Lets go of the step that was reduced last. */
    void end() {
        idle.addAll(ofStep);
        ofStep.forEach(task -> releaseUnneeded(task.task().version()));
        ofStep = List.of();
    }

    /** Lets go of all that has come and is not complete. */
    void drop() {
        open.values().forEach(OpenTask::drop);
        idle.addAll(open.values());
        open.clear();
    }

    /** Lets go of the gradients that wait, too. */
    void forget() {
        idle.addAll(brought.values());
        brought.clear();
        unannounced.clear();
    }

    /** Lets go of the tasks that are open: no step to come needs them. */
    void close(long now) {
        var versions = open.values().stream().map(task -> task.task().version()).toList();
        List.copyOf(leasing.works()).forEach(work -> leasing.close(work, now));
        drop();
        versions.forEach(unneeded::accept);
    }

    /** Returns the gradients that wait, of weights before a version. */
    List<SavedTask> saved(long version) {
        var saved = new ArrayList<SavedTask>();
        for (var task : brought.values()) {
            if (task.task().version() < version) {
                saved.add(task.saved());
            }
        }
        return List.copyOf(saved);
    }

    /** Returns the vectors that are kept from step to step. */
    List<SavedVector> vectors() {
        return kept.saved();
    }

    /**
     * Goes on with what a stopped run has left.
     *
     * @param version steps behind its newest weights
     */
    void resume(SavedRun from, long version, long now) {
        kept.resume(from.vectors());
        for (var task : from.tasks()) {
            var waiting = maker.get();
            waiting.resume(task);
            brought.put(waiting.task(), waiting);
            unannounced.add(waiting.task());
        }
        if (from.next() instanceof Work.Train) {
            from.versions().forEach(kept -> reopen(kept.version(), version, now));
        }
    }

    /** Opens the tasks of an earlier version that have not come and are part of no step so far. */
    private void reopen(long earlier, long version, long now) {
        var begun = new ArrayList<>(plan.tasks(earlier).begun());
        begun.removeAll(brought.keySet());
        for (var taken = earlier; taken < version; taken++) {
            begun.removeAll(plan.tasks(taken).tasks());
        }
        begun.forEach(task -> open(task, now));
    }
}
