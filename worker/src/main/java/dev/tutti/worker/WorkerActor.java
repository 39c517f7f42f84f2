package dev.tutti.worker;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.step.compute.GradientCompression;
import dev.tutti.common.step.compute.GradientSource;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.worker.WorkerEvent;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.loop.BatchScheduling;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** One worker: computes one lease at a time, on a thread of its own. */
public final class WorkerActor {
    /** What a worker is told. */
    public sealed interface Command {}

    /**
     * Compute a lease.
     *
     * @param weights of the version that the lease needs
     * @param known statistics of the batch, of each round before the lease's work
     * @param before what the virtual worker keeps of its gradients before
     */
    record Compute(
            Lease lease, Elements weights, List<BatchStatistics> known, CompressorState before)
            implements Command {}

    private final GradientSource gradients;
    private final GradientCompression compression;
    private final Function<Precision, Payload> vectors;
    private final Handover handover;
    private final Consumer<WorkerEvent> report;

    private WorkerActor(
            GradientSource gradients,
            GradientCompression compression,
            Function<Precision, Payload> vectors,
            Handover handover,
            Consumer<WorkerEvent> report) {
        this.gradients = gradients;
        this.compression = compression;
        this.vectors = vectors;
        this.handover = handover;
        this.report = report;
    }

    /**
     * Returns the behaviour.
     *
     * @param compression of this worker's gradients
     * @param vectors lends what contributions of a precision are written to
     * @param handover if in chunks, {@code report} is told of gradients as they come
     * @param report is told of every lease computed
     */
    static Behavior<Command> create(
            GradientSource gradients,
            GradientCompression compression,
            Function<Precision, Payload> vectors,
            Handover handover,
            Consumer<WorkerEvent> report) {
        var worker = new WorkerActor(gradients, compression, vectors, handover, report);
        return Behaviors.setup(_ -> {
            BatchScheduling.request();
            return worker.computing();
        });
    }

    private Behavior<Command> computing() {
        return Behaviors.receiveMessage(command -> {
            switch (command) {
                case Compute(var lease, var weights, var known, var before) ->
                        compute(lease, weights, known, before);
            }
            return Behaviors.same();
        });
    }

    private void compute(
            Lease lease, Elements weights, List<BatchStatistics> known, CompressorState before) {
        var start = System.nanoTime();
        try {
            switch (lease.work()) {
                case Work.Train _ -> report.accept(trained(lease, weights, known, before, start));
                case Work.Measure _ -> {
                    var measured = gradients.measure(lease, weights, known);
                    report.accept(
                            new WorkerEvent.EvaluationComputed(
                                    lease,
                                    measured.totals(),
                                    measured.statistics(),
                                    System.nanoTime() - start));
                }
                case Work.Evaluate _ -> {
                    var totals = gradients.evaluate(lease, weights);
                    report.accept(
                            new WorkerEvent.EvaluationComputed(
                                    lease,
                                    totals,
                                    BatchStatistics.NONE,
                                    System.nanoTime() - start));
                }
            }
        } catch (RuntimeException e) {
            report.accept(new WorkerEvent.ComputationFailed(lease, String.valueOf(e)));
        }
    }

    private WorkerEvent trained(
            Lease lease,
            Elements weights,
            List<BatchStatistics> known,
            CompressorState before,
            long start) {
        var gradient = vectors.apply(gradients.precision(lease));
        var parts = new Parts(lease, gradient);
        try {
            var totals =
                    gradients.train(
                            lease,
                            weights,
                            known,
                            gradient.elements(),
                            handover == Handover.WHOLE || compression.isActive()
                                    ? SubtreeSum.Progress.NONE
                                    : parts);
            var encoded = compression.compress(lease, totals, gradient.elements().memory(), before);
            return new WorkerEvent.Computed(
                    lease, totals, System.nanoTime() - start, gradient, encoded);
        } catch (RuntimeException e) {
            if (!parts.reported) {
                gradient.release();
            }
            throw e;
        }
    }

    /** Reports of a gradient as it comes, so that its end can travel while the rest is computed. */
    private final class Parts implements SubtreeSum.Progress {
        private final Lease lease;
        private final Payload gradient;
        private boolean reported;

        Parts(Lease lease, Payload gradient) {
            this.lease = lease;
            this.gradient = gradient;
        }

        @Override
        public void known(long from, Totals totals) {
            // That all of it is known is told with the time it took.
            if (from > 0) {
                reported = true;
                report.accept(new WorkerEvent.Progressed(lease, totals, gradient, from));
            }
        }
    }
}
