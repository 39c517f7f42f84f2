package dev.tutti.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.common.step.GradientSource;
import dev.tutti.common.step.Lease;
import dev.tutti.common.step.VectorPool;
import dev.tutti.common.step.Work;
import dev.tutti.common.step.WorkerEvent;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** One worker: computes one lease at a time, on a thread of its own. */
public final class WorkerActor {
    /** What a worker is told. */
    public sealed interface Command {}

    /**
     * Compute a lease.
     *
     * @param weights of the version that the lease needs
     */
    record Compute(Lease lease, MemorySegment weights) implements Command {}

    private final GradientSource gradients;
    private final VectorPool pool;
    private final Consumer<WorkerEvent> report;

    private WorkerActor(GradientSource gradients, VectorPool pool, Consumer<WorkerEvent> report) {
        this.gradients = gradients;
        this.pool = pool;
        this.report = report;
    }

    /**
     * Returns the behaviour.
     *
     * @param pool lends the vectors for contributions
     * @param report is told of every lease computed
     */
    static Behavior<Command> create(
            GradientSource gradients, VectorPool pool, Consumer<WorkerEvent> report) {
        var worker = new WorkerActor(gradients, pool, report);
        return Behaviors.receiveMessage(command -> {
            switch (command) {
                case Compute(var lease, var weights) -> worker.compute(lease, weights);
            }
            return Behaviors.same();
        });
    }

    private void compute(Lease lease, MemorySegment weights) {
        var start = System.nanoTime();
        try {
            switch (lease.work()) {
                case Work.Train _ -> {
                    var gradient = pool.borrow();
                    var totals = gradients.train(lease, weights, gradient);
                    report.accept(
                            new WorkerEvent.Computed(
                                    lease,
                                    totals,
                                    System.nanoTime() - start,
                                    pool.payload(gradient)));
                }
                case Work.Evaluate _ -> {
                    var totals = gradients.evaluate(lease, weights);
                    report.accept(
                            new WorkerEvent.EvaluationComputed(
                                    lease, totals, System.nanoTime() - start));
                }
            }
        } catch (RuntimeException e) {
            report.accept(new WorkerEvent.ComputationFailed(lease, String.valueOf(e)));
        }
    }
}
