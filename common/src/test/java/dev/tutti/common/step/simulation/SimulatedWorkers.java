package dev.tutti.common.step.simulation;

import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.compute.GradientCompression;
import dev.tutti.common.step.compute.ShardComputer;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.worker.WorkerDecision;
import dev.tutti.common.step.worker.WorkerEvent;
import dev.tutti.common.step.worker.WorkerMachine;
import dev.tutti.common.vector.Elements;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a simulated process: the real machine and real gradients. Like a real one it
 * computes a lease at a time for each worker.
 */
public final class SimulatedWorkers implements SimulatedProcess.Role {
    private static final long SAMPLE_NANOS = SimulatedClock.MILLI;

    private final SimulatedCluster cluster;
    private final SimulatedProcess process;
    private final Seeds random;
    private final Map<WorkerId, ShardComputer> computers = new HashMap<>();
    private final List<WorkerDecision.Leave> left = new ArrayList<>();
    private SimulatedLoans loans = new SimulatedLoans();
    private @Nullable GradientCompression compression;
    private @Nullable WorkerMachine machine;

    SimulatedWorkers(SimulatedCluster cluster, SimulatedProcess process, Seeds random) {
        this.cluster = cluster;
        this.process = process;
        this.random = random;
    }

    /** Returns how it was told to end. */
    public List<WorkerDecision.Leave> left() {
        return left;
    }

    @Override
    public int lent() {
        return loans.outstanding();
    }

    @Override
    public boolean isWanted() {
        return true;
    }

    @Override
    public void welcomed(ToWorker.Welcome welcome) {
        var model = welcome.spec().buildModel();
        var arena = Arena.ofAuto();
        var made = new WorkerMachine(arena, welcome, model.vectorLength(), _ -> process.inPlace);
        machine = made;
        loans = new SimulatedLoans();
        var pool = new VectorPool(arena, model.vectorLength());
        compression = new GradientCompression(welcome.spec(), model);
        computers.clear();
        for (var worker : welcome.workers()) {
            computers.put(
                    worker,
                    new ShardComputer(
                            arena, welcome.spec(), Scenario.DATA, model, new PlainKernel(), pool));
        }
        made.start().forEach(this::perform);
    }

    @Override
    public void received(ToWorker message) {
        perform(new WorkerEvent.Received(message));
    }

    @Override
    public boolean leaves() {
        var member = machine != null;
        perform(new WorkerEvent.LeaveWanted("told to end"));
        return member;
    }

    @Override
    public void sessionEnded() {
        machine = null;
        loans = new SimulatedLoans();
    }

    @Override
    public void killed(boolean silently) {}

    @Override
    public void goesOn() {}

    @Override
    public boolean isMemberTouched() {
        return false;
    }

    private void perform(WorkerEvent event) {
        if (machine != null) {
            machine.on(event).forEach(this::perform);
        }
    }

    private void perform(WorkerDecision decision) {
        switch (decision) {
            case WorkerDecision.Send(var message) -> {
                process.send(message);
                requireBounded();
            }
            case WorkerDecision.LoadData _ ->
                    process.after(
                            random.nextInt(30) * SimulatedClock.MILLI,
                            () -> perform(new WorkerEvent.DataLoaded()));
            case WorkerDecision.Compute(var lease, var weights, var known, var before) ->
                    compute(lease, weights, known, before);
            case WorkerDecision.Leave leave -> {
                if (!leave.complete() && !process.isLeaving() && !cluster.isOver()) {
                    throw new AssertionError(process.info + " left by itself: " + leave.reason());
                }
                left.add(leave);
                process.finish();
            }
        }
    }

    /** What is lent stays within what is leased. */
    private void requireBounded() {
        if (!process.inPlace && lent() > process.unanswered().size() + 1) {
            throw new AssertionError(
                    "%s holds %d gradients for %d leases"
                            .formatted(process.info, lent(), process.unanswered().size()));
        }
    }

    /** Real gradients; the weights may be other ones by the time that a lease is over. */
    private void compute(
            Lease lease, Elements weights, List<BatchStatistics> known, CompressorState before) {
        var samples = Math.max(1, cluster.samples(lease));
        var nanos =
                (long)
                        (samples
                                * SAMPLE_NANOS
                                * process.slowness
                                * (0.8 + 0.4 * random.nextDouble()));
        var early = random.nextInt(2) == 0 ? compute(lease, weights, known, before, nanos) : null;
        if (early instanceof WorkerEvent.Computed computed && computed.encoded().isEmpty()) {
            progress(computed);
        }
        finishAfter(
                nanos,
                () ->
                        perform(
                                early != null
                                        ? early
                                        : compute(lease, weights, known, before, nanos)));
    }

    /** Tells of a gradient's end, and of more of it, before all of it is told. */
    private void progress(WorkerEvent.Computed computed) {
        var length = cluster.vectorLength();
        var parts = random.nextInt(4);
        for (var part = 1; part < parts; part++) {
            var from = length - length * part / parts;
            var event =
                    new WorkerEvent.Progressed(
                            computed.lease(), computed.totals(), computed.gradient(), from);
            process.after(
                    computed.nanos() * part / parts,
                    () -> {
                        if (!process.hangs) {
                            perform(event);
                        }
                    });
        }
    }

    private void finishAfter(long nanos, Runnable finish) {
        process.after(
                nanos,
                () -> {
                    if (process.hangs) {
                        finishAfter(SimulatedClock.SECOND, finish);
                    } else {
                        finish.run();
                    }
                });
    }

    private WorkerEvent compute(
            Lease lease,
            Elements weights,
            List<BatchStatistics> known,
            CompressorState before,
            long nanos) {
        if (process.failsNext) {
            process.failsNext = false;
            return new WorkerEvent.ComputationFailed(lease, "out of luck");
        }
        var computer = Objects.requireNonNull(computers.get(lease.worker()));
        return switch (lease.work()) {
            case Work.Train _ -> {
                var gradient =
                        Elements.in(
                                MemorySegment.ofArray(new float[(int) weights.count()]),
                                computer.precision(lease),
                                weights.count());
                var totals =
                        computer.train(lease, weights, known, gradient, SubtreeSum.Progress.NONE);
                var encoded =
                        Objects.requireNonNull(compression)
                                .compress(lease, totals, gradient.memory(), before);
                yield new WorkerEvent.Computed(lease, totals, nanos, loans.lend(gradient), encoded);
            }
            case Work.Measure _ -> {
                var measured = computer.measure(lease, weights, known);
                yield new WorkerEvent.EvaluationComputed(
                        lease, measured.totals(), measured.statistics(), nanos);
            }
            case Work.Evaluate _ ->
                    new WorkerEvent.EvaluationComputed(
                            lease, computer.evaluate(lease, weights), BatchStatistics.NONE, nanos);
        };
    }
}
