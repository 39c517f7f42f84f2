package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.ChunkSums;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.StepLens;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.step.course.SavedTask;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.message.Outbox;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.sync.order.Task;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongFunction;

/**
 * A task of a schedule: first its gradient comes, as that of any work does; then the gradient waits
 * for the step that it is part of. Used again for one task after another, for its memory.
 */
final class OpenTask {
    private final MemorySegment gradient;
    private final Results results;
    private final OpenWork work;
    private final int chunks;
    private Task task = new Task(0, 0, -1);
    private Totals totals = Totals.NONE;
    private List<StepReport.Share> shares = List.of();

    OpenTask(
            Arena arena,
            ShardTree tree,
            ResultCheck check,
            GradientDecoder decoder,
            Leasing leasing,
            Membership membership,
            int creditChunks,
            LongFunction<String> names,
            Outbox out) {
        this.chunks = check.chunks().count();
        this.gradient = Floats.allocate(arena, check.chunks().length());
        this.results =
                new Results(
                        arena,
                        tree,
                        check,
                        Averaging.MEAN,
                        () -> task.version(),
                        StepLens.NONE,
                        ChunkSums.of(check.chunks(), gradient));
        this.work =
                new OpenWork(results, decoder, leasing, membership, _ -> creditChunks, names, out);
    }

    /** Returns the shard of a task's virtual worker. */
    static ShardRange shard(Task task) {
        return new ShardRange(task.worker(), task.worker() + 1);
    }

    /** Returns what a task's lease is for. */
    static Work work(Task task) {
        return new Work.Train(task.version(), task.batch());
    }

    /** Starts over with another task. */
    void begin(Task next) {
        task = next;
        work.begin(work(next), shard(next), chunks);
    }

    /** Goes on with a task that a stopped run has left. */
    void resume(SavedTask saved) {
        task = saved.task();
        totals = saved.totals();
        shares = List.of();
        Floats.copy(saved.gradient(), gradient);
    }

    /** Keeps what the task has brought. */
    void complete() {
        totals = results.totals();
        shares = results.shares();
        work.drop();
    }

    /** Lets go of what has come. */
    void drop() {
        work.drop();
    }

    Task task() {
        return task;
    }

    OpenWork work() {
        return work;
    }

    /** Returns the sum of the gradients of the task's samples. */
    MemorySegment gradient() {
        return gradient;
    }

    Totals totals() {
        return totals;
    }

    List<StepReport.Share> shares() {
        return shares;
    }

    SavedTask saved() {
        return new SavedTask(task, totals, gradient);
    }
}
