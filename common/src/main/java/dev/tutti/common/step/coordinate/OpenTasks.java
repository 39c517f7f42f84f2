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
import dev.tutti.common.step.course.SavedMomentum;
import dev.tutti.common.step.course.SavedTask;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.sync.StepTasks;
import dev.tutti.common.sync.Task;
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
import java.util.function.Supplier;

/**
 * The tasks of a run whose mode has a schedule. All tasks that are computed with the weights of a
 * version are open at once; their gradients wait here for the steps that they are part of, which
 * may be far ahead. A step is taken once all tasks of its version are in: so there is one version
 * of the weights at a time, and what waits is at most a gradient for each virtual worker and a
 * step.
 */
final class OpenTasks {
    private record Place(Work work, ShardRange shard) {}

    private final Arena arena;
    private final Chunks chunks;
    private final SamplePlan plan;
    private final Averaging averaging;
    private final StepLens lens;
    private final ChunkSums sums;
    private final WorkerMomenta momenta;
    private final Leasing leasing;
    private final Supplier<OpenTask> maker;
    private final Deque<OpenTask> idle = new ArrayDeque<>();
    private final Map<Place, OpenTask> open = new HashMap<>();
    private final Map<Task, OpenTask> brought = new TreeMap<>();
    private final Map<Integer, StepSum> sumsByCount = new HashMap<>();
    private List<OpenTask> ofStep = List.of();
    private long number;
    private StepTasks step = new StepTasks(0, List.of(), List.of());

    /**
     * Makes the tasks of a run.
     *
     * @param averaging makes one gradient of a step's
     * @param lens looks at what is averaged
     * @param sums where that goes
     * @param trained floats of a vector that are trained; behind them are statistics
     * @param maker makes room for a task
     */
    OpenTasks(
            Arena arena,
            Chunks chunks,
            SamplePlan plan,
            Averaging averaging,
            StepLens lens,
            ChunkSums sums,
            long trained,
            Leasing leasing,
            Supplier<OpenTask> maker) {
        this.arena = arena;
        this.chunks = chunks;
        this.plan = plan;
        this.averaging = averaging;
        this.lens = lens;
        this.sums = sums;
        this.momenta =
                new WorkerMomenta(arena, averaging.workerMomentum(), chunks.length(), trained);
        this.leasing = leasing;
        this.maker = maker;
    }

    /** Opens the tasks that are computed with the weights of a version. */
    void begin(long version, long now) {
        drop();
        List.copyOf(leasing.works()).forEach(work -> leasing.close(work, now));
        step = plan.tasks(version);
        for (var task : step.begun()) {
            var work = OpenTask.work(task);
            if (!leasing.isOpen(work)) {
                leasing.open(work, chunks.count(), now);
            }
            leasing.add(work, OpenTask.shard(task));
            var next = idle.isEmpty() ? maker.get() : idle.remove();
            next.begin(task);
            open.put(new Place(work, OpenTask.shard(task)), next);
        }
    }

    /** Returns the open task that a lease is for. */
    Optional<OpenWork> find(Lease lease) {
        return Optional.ofNullable(open.get(new Place(lease.work(), lease.shards())))
                .map(OpenTask::work);
    }

    /** Notes that all of a task's gradient has come. */
    void complete(OpenWork work, long now) {
        open.values().stream()
                .filter(task -> task.work() == work)
                .findFirst()
                .ifPresent(done -> {
                    var shard = OpenTask.shard(done.task());
                    open.remove(new Place(work.work(), shard));
                    leasing.remove(work.work(), shard, now);
                    done.complete();
                    brought.put(done.task(), done);
                });
    }

    /** Tells whether the step can be taken. */
    boolean isReady() {
        return open.isEmpty();
    }

    /** Makes one gradient of the step's; tells whether it is finite. */
    boolean reduce(long version) {
        number = version;
        ofStep = step.tasks().stream().map(this::take).toList();
        var sum = sumsByCount.computeIfAbsent(ofStep.size(), this::sumOf);
        sum.begin(new ShardTree(ofStep.size()).root());
        for (var i = 0; i < ofStep.size(); i++) {
            var task = ofStep.get(i);
            var weight = plan.mode().weight(task.task().staleness(number));
            if (weight != 1) {
                Floats.scale((float) weight, task.gradient());
            }
            put(sum, i, momenta.isKept() ? momenta.of(task) : task.gradient());
        }
        return sum.settle() != StepSum.Outcome.NOT_FINITE;
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

    private StepSum sumOf(int tasks) {
        return new StepSum(
                arena,
                new ShardTree(tasks),
                chunks,
                averaging,
                // A momentum is a mean, and so the sum over one.
                place -> momenta.isKept() ? 1 : ofStep.get(place).totals().samples(),
                () -> number,
                lens,
                sums);
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
        ofStep = List.of();
    }

    /** Lets go of all that has come and is not complete. */
    void drop() {
        open.values().forEach(OpenTask::drop);
        idle.addAll(open.values());
        open.clear();
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

    /** Returns the momenta of the virtual workers. */
    List<SavedMomentum> momenta() {
        return momenta.saved();
    }

    /** Goes on with what a stopped run has left. */
    void resume(List<SavedTask> saved, List<SavedMomentum> ofWorkers) {
        momenta.resume(ofWorkers);
        for (var task : saved) {
            var kept = maker.get();
            kept.resume(task);
            brought.put(kept.task(), kept);
        }
    }
}
