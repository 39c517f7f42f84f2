package dev.tutti.common.step.run;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.data.BatchPlan;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Split;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.partition.EpochOrders;
import dev.tutti.common.partition.TrainingSamples;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.sync.SyncMode;
import dev.tutti.common.sync.Timeline;
import dev.tutti.common.sync.order.Clocks;
import dev.tutti.common.sync.order.LiveOrder;
import dev.tutti.common.sync.order.Schedule;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.Task;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which samples are in which shard: a pure function of the run's spec and the data's size, so that
 * the coordinator and every worker agree without a word (law 3). With a clock that is no model, the
 * coordinator's plan alone knows the tasks of a step, once they have come.
 *
 * <p>The orders of the epochs asked for last are kept; an instance serves one thread.
 */
public final class SamplePlan {
    /** Virtual workers of different speed are in different epochs. */
    private static final int ORDERS_MAX = 4;

    private final RunSpec spec;
    private final Split split;
    private final BatchPlan batches;
    private final EpochOrders epochs;
    private final SyncMode mode;
    private final EpochSteps steps;
    private final Map<Integer, int[]> orders = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable Schedule schedule;

    /**
     * Makes the plan of a run over its data.
     *
     * @throws DataException if the data cannot be split or divided as the spec says
     */
    public SamplePlan(RunSpec spec, Dataset data) {
        this(spec, spec.split(data), data.targets());
    }

    /**
     * Makes the plan of a run over data split so.
     *
     * @throws DataException if the samples cannot be divided as the spec says
     */
    public SamplePlan(RunSpec spec, Split split, Targets targets) {
        this.spec = spec;
        this.split = split;
        this.batches =
                new BatchPlan(split.train().length, spec.batch(), spec.seed(), spec.shuffle());
        this.epochs =
                epochs(spec, new TrainingSamples(split.train(), targets, batches, spec.shards()));
        this.mode = spec.syncMode();
        this.steps = epochSteps();
    }

    private static EpochOrders epochs(RunSpec spec, TrainingSamples samples) {
        var partition = spec.dataPartition();
        partition
                .refusal(samples.targets(), samples.workers())
                .ifPresent(why -> {
                    throw new DataException(why);
                });
        return partition.orders(samples);
    }

    /**
     * Samples in the order in which they are computed.
     *
     * @param rows indices into the dataset; the array is shared, do not write to it
     * @param from first
     * @param to one past the last
     */
    @SuppressWarnings("ArrayRecordComponent") // A view of a large array, never compared.
    public record Slice(int[] rows, int from, int to) {
        /** Returns the number of samples. */
        public int count() {
            return to - from;
        }

        /** Copies the samples' features and targets to the first rows of a workspace. */
        public void gather(Dataset data, Loss loss, int outputs, Workspace out) {
            data.gatherFeatures(rows, from, to, out.features());
            data.gatherTargets(rows, from, to, loss.targets(), outputs, out.targets());
        }

        /** Returns what {@link Totals#sampleHash} must be when each was counted once. */
        public long hash() {
            var hash = 0L;
            for (var i = from; i < to; i++) {
                hash += Seeds.hash(rows[i]);
            }
            return hash;
        }
    }

    /**
     * Samples that a result must have counted, each as often as it was computed.
     *
     * @param samples how many
     * @param hash what {@link Totals#sampleHash} must be
     */
    public record Expected(int samples, long hash) {
        /** Nothing. */
        public static final Expected NONE = new Expected(0, 0);

        /** Returns both together. */
        public Expected plus(Expected other) {
            return new Expected(samples + other.samples, hash + other.hash);
        }
    }

    /**
     * Returns what a result on these shards of the work must have counted, over all its batches.
     */
    public Expected expected(Work work, ShardRange shards) {
        return parts(work)
                .map(part -> slice(part, shards))
                .map(slice -> new Expected(slice.count(), slice.hash()))
                .reduce(Expected.NONE, Expected::plus);
    }

    /** Returns how many samples are to be computed for these shards of the work. */
    public int samples(Work work, ShardRange shards) {
        return parts(work).mapToInt(part -> slice(part, shards).count()).sum();
    }

    /** Returns the same work for each of its batches, in their order. */
    public Stream<Work> parts(Work work) {
        return work instanceof Work.Train(var step, var batch)
                ? LongStream.range(batch, batch + batchesOf(work))
                        .mapToObj(next -> new Work.Train(step, next))
                : Stream.of(work);
    }

    /** Returns the samples of these shards of the work, or of its first batch. */
    public Slice slice(Work work, ShardRange shards) {
        return switch (work) {
            case Work.Train(_, var index) -> slice(batches.batch(index), shards);
            case Work.Measure(var step, _) -> slice(batches.batch(step), shards);
            case Work.Evaluate(_, var part) -> {
                var rows = rows(part);
                yield cut(rows, 0, rows.length, shards);
            }
        };
    }

    // ---- steps

    /** Returns who is waited for. */
    public SyncMode mode() {
        return mode;
    }

    /** Returns the step's work, if all of it is of one batch or of some that follow one another. */
    public Work.Train train(long step) {
        return new Work.Train(step, mode.isWhole() ? steps.batch(step) : step);
    }

    /** Returns how many shards of a batch have samples, of the batch where they are fewest. */
    public int shardsMin() {
        var last = batches.batch(batches.stepsPerEpoch() - 1L);
        return Math.min(spec.shards(), last.count());
    }

    /** Returns the batches of a work. */
    public int batchesOf(Work work) {
        return work instanceof Work.Train(_, var batch) && mode.localSteps() > 1
                ? steps.together(batch)
                : 1;
    }

    private EpochSteps epochSteps() {
        if (mode.isWhole()) {
            var full = split.train().length / spec.batch();
            return new EpochSteps(
                    batches.stepsPerEpoch(), full, mode.localSteps(), mode.localFrom());
        }
        var tasks = (long) batches.stepsPerEpoch() * spec.shards();
        var each = Math.min(mode.tasksOfStep(spec.shards()), tasks);
        // So many steps use up as many samples as there are.
        var count = Math.toIntExact((tasks - 1) / each + 1);
        return new EpochSteps(count, count, 1, 0);
    }

    /** Returns how many steps there are before an epoch, counted from 0. */
    public long stepsBefore(int epoch) {
        return steps.first(epoch);
    }

    /** Returns the epoch that a step is part of, counted from 0. */
    public int epoch(long step) {
        return Math.toIntExact(steps.epoch(step));
    }

    /** Returns what a step must have counted. */
    public Expected expected(long step) {
        return mode.isWhole()
                ? expected(train(step), new ShardRange(0, spec.shards()))
                : tasks(step).tasks().stream()
                        .map(task ->
                                expected(
                                        new Work.Train(task.version(), task.batch()),
                                        shard(task.worker())))
                        .reduce(Expected.NONE, Expected::plus);
    }

    /** Returns what the sum of a step's gradients is divided by. */
    public int divisor(long step) {
        return mode.isWhole()
                ? batches.batch(train(step).batch()).count()
                : tasks(step).tasks().stream()
                        .mapToInt(task ->
                                slice(batches.batch(task.batch()), shard(task.worker())).count())
                        .sum();
    }

    /** Returns what the clock says of a step, if the run has a clock. */
    public Optional<StepTasks> schedule(long step) {
        return spec.clock().equals(RunSpec.NO_CLOCK) ? Optional.empty() : Optional.of(tasks(step));
    }

    /** Returns the bytes that travel for a step: of each task the weights, and the gradient. */
    public long travelBytes(StepTasks step) {
        return (spec.weightsBytes() + spec.gradientBytes()) * step.tasks().size();
    }

    /** Returns the tasks of a step, by the clock of the virtual workers. */
    public StepTasks tasks(long step) {
        return tasks().step(step);
    }

    /**
     * Takes note that a task's gradient has come; returns the tasks that begin for that, if the
     * order of arrival decides.
     */
    public List<Task> arrived(Task task, long nanos) {
        return tasks().arrived(task, nanos);
    }

    private Schedule tasks() {
        var known = schedule;
        if (known == null) {
            known =
                    isLive()
                            ? new LiveOrder(taskTimes(), mode.byArrival().orElseThrow(), List.of())
                            : new Timeline(mode, taskTimes());
            schedule = known;
        }
        return known;
    }

    /** Tells whether the order of arrival decides. */
    public boolean isLive() {
        return spec.virtualClock().filter(clock -> !clock.isModel()).isPresent();
    }

    /**
     * Goes on behind steps in whose order others have come before; only where the order of arrival
     * decides.
     *
     * @throws IllegalArgumentException with one line, if these cannot be steps of the run
     */
    public void goOnBehind(List<StepTasks> steps) {
        schedule = new LiveOrder(taskTimes(), mode.byArrival().orElseThrow(), steps);
    }

    private TaskTimes taskTimes() {
        return new TaskTimes(
                spec.shards(),
                spec.virtualClock().orElseGet(() -> Clocks.CATALOGUE.parse("virtual")),
                spec.seed(),
                (spec.weightsBytes() + spec.gradientBytes()) / 2,
                (worker, batch) ->
                        slice(
                                        mode.isWhole() ? train(batch) : new Work.Train(0, batch),
                                        shard(worker))
                                .count());
    }

    private static ShardRange shard(int worker) {
        return new ShardRange(worker, worker + 1);
    }

    // ---- samples

    /** Returns the number of samples in a part. */
    public int count(Part part) {
        return rows(part).length;
    }

    /** Returns the number of samples that are trained with. */
    public int trainingSamples() {
        return split.train().length;
    }

    /** Returns the most samples that one shard can have. */
    public int shardSamplesMax() {
        return (spec.batch() - 1) / spec.shards() + 1;
    }

    private Slice slice(BatchPlan.Batch batch, ShardRange shards) {
        return cut(rowsOf(batch.epoch()), batch.from(), batch.to(), shards);
    }

    private Slice cut(int[] rows, int from, int to, ShardRange shards) {
        var count = to - from;
        return new Slice(
                rows,
                from + BatchPlan.boundary(shards.from(), spec.shards(), count),
                from + BatchPlan.boundary(shards.to(), spec.shards(), count));
    }

    private int[] rowsOf(int epoch) {
        var order = orders.computeIfAbsent(epoch, epochs::rows);
        if (orders.size() > ORDERS_MAX) {
            // The eldest is the one that nobody has asked for the longest.
            orders.remove(orders.keySet().iterator().next());
        }
        return order;
    }

    private int[] rows(Part part) {
        return switch (part) {
            case VALIDATION -> split.validation();
            case TEST -> split.test();
        };
    }
}
