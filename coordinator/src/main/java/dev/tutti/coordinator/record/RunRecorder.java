package dev.tutti.coordinator.record;

import dev.tutti.coordinator.stream.RefusalLog;
import dev.tutti.coordinator.stream.TrafficCounter;

import dev.tutti.common.average.Totals;
import dev.tutti.common.chaos.StruckFault;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.course.LedgerEntry;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.proto.access.Refusal;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what is worth keeping of a run: its step log, its figures, its outcome. */
public final class RunRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(RunRecorder.class);

    private final RunFiles files;
    private final RunListener listener;
    private final Supplier<String> digest;
    private final int digestEvery;
    private final boolean labelled;
    private final StepTimes times;
    private final Map<Part, Totals> evaluations = new EnumMap<>(Part.class);
    private final List<RunSummary.LedgerLine> ledger = new ArrayList<>();
    private final SortedSet<Integer> workers = new TreeSet<>();
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private final SortedSet<String> kernels = new TreeSet<>();
    private final RefusalLog strangers = new RefusalLog();
    private Totals epochTotals;
    private @Nullable Double trainLoss;
    private boolean linesAreLost;
    private boolean checkpointsFail;
    private long steps;
    private long samples;
    private long applyBeforeNanos;
    private int lostWorkers;
    private int reassignedShards;

    /** How the run ended, before its files are closed. */
    public sealed interface Ending {
        record Complete() implements Ending {}

        record Abort(Decision.Failure kind, String reason) implements Ending {}

        record Stop(long step, Optional<String> failure) implements Ending {}
    }

    /**
     * Makes the recorder of a run.
     *
     * @param digest computes the weights' digest
     * @param labelled whether accuracies mean something
     * @param from what a run that is resumed has counted before
     */
    public RunRecorder(
            RunFiles files,
            RunListener listener,
            Supplier<String> digest,
            int digestEvery,
            boolean labelled,
            RunFigures from) {
        this.files = files;
        this.listener = listener;
        this.digest = digest;
        this.digestEvery = digestEvery;
        this.labelled = labelled;
        this.times = new StepTimes(from.times());
        this.kernels.addAll(from.kernels());
        this.workers.addAll(from.workers());
        this.steps = from.steps();
        this.samples = from.samples();
        this.epochTotals = from.epochTotals();
        this.trainLoss = from.trainLoss();
        this.evaluations.putAll(from.evaluations());
        this.ledger.addAll(from.ledger());
        this.lostWorkers = from.lostWorkers();
        this.reassignedShards = from.reassignedShards();
    }

    public void note(String line) {
        LOG.info("{}", line);
    }

    public void admitted(ProcessId process, ProcessInfo info, List<WorkerId> admitted) {
        kernels.add(info.kernel());
        LOG.info("joined: {} is {}: {}, kernel {}", process, admitted, info, info.kernel());
    }

    public void refused(ProcessId process, Rejection rejection) {
        strangers.line(process, rejection).ifPresent(this::warn);
    }

    /** A peer was turned away before it had joined; called from any thread. */
    public void turnedAway(Refusal refusal) {
        strangers.line(refusal).ifPresent(this::warn);
    }

    public void rejected(ProcessId process, Rejection rejection) {
        LOG.warn("rejected from {}: {}", process, rejection.detail());
    }

    public void lost(List<WorkerId> gone, String reason) {
        lostWorkers += gone.size();
        warn(reason);
    }

    /**
     * Notes a step.
     *
     * @param applyNanos from the last contribution until the next leases were out
     */
    public void stepTaken(StepReport report, long applyNanos) {
        // The machine's time stands still while it takes a step: what it calls the begin of the
        // next work is the begin of this turn.
        var collect = Math.max(0, report.collectNanos() - applyBeforeNanos);
        var total = collect + applyNanos;
        applyBeforeNanos = applyNanos;
        times.add(total, report.totals().samples());
        steps = report.step();
        samples += report.totals().samples();
        epochTotals = epochTotals.plus(report.totals());
        for (var share : report.shares()) {
            workers.add(share.worker().number());
            reassignedShards += share.attempt() > 0 ? share.shards().size() : 0;
        }
        append(
                files.steps(),
                new LogLine.Step(
                        report.step(),
                        report.epoch(),
                        report.totals().meanLoss(),
                        report.totals().samples(),
                        report.rate(),
                        new LogLine.Millis(
                                millis(total),
                                millis(collect),
                                millis(report.computeNanos()),
                                millis(applyNanos)),
                        report.hiddenFraction(),
                        report.shares().stream().map(RunRecorder::contributor).toList(),
                        isDigestDue(report.step()) ? digest.get() : null));
        listener.stepTaken(report);
    }

    private boolean isDigestDue(long step) {
        return digestEvery > 0 && step % digestEvery == 0;
    }

    public void epochEnded(LedgerEntry entry) {
        ledger.add(
                new RunSummary.LedgerLine(
                        entry.epoch(),
                        entry.samplesPlanned(),
                        entry.samplesCounted(),
                        entry.exact()));
        trainLoss = epochTotals.meanLoss();
        epochTotals = Totals.NONE;
        if (!entry.exact()) {
            warn("the ledger of epoch %d is not exact: %s".formatted(entry.epoch(), entry));
        }
    }

    public void evaluated(long step, int epoch, Part part, Totals totals) {
        applyBeforeNanos = 0;
        evaluations.put(part, totals);
        if (part == Part.VALIDATION) {
            append(
                    files.epochs(),
                    new LogLine.Epoch(
                            epoch, step, trainLoss, loss(part), accuracy(part), digest.get()));
        }
        listener.evaluated(step, epoch, part, totals);
    }

    public void completed() {
        times.end();
        ending.complete(new Ending.Complete());
    }

    public void aborted(Decision.Failure kind, String reason) {
        times.end();
        ending.complete(new Ending.Abort(kind, reason));
    }

    /** The run ends here for now; a failure says why its last checkpoint is not there. */
    public void stopped(long step, Optional<String> failure) {
        times.end();
        ending.complete(new Ending.Stop(step, failure));
    }

    /** The run ends by a failure; nothing is left to tell the workers. */
    public void failed(Throwable cause) {
        ending.completeExceptionally(cause);
        closed.completeExceptionally(cause);
    }

    public void checkpointWritten(Path file, long nanos) {
        checkpointsFail = false;
        LOG.info("checkpoint {} written in {} ms", file, millis(nanos));
    }

    /**
     * Warns that checkpoints fail; after the first time only in the log, until one succeeds again.
     */
    public void checkpointFailed(long step, String reason) {
        var line =
                "the checkpoint after step %d could not be written: %s; training goes on without"
                        .formatted(step, reason);
        if (checkpointsFail) {
            LOG.warn("{}", line);
        } else {
            warn(line);
        }
        checkpointsFail = true;
    }

    /** Returns the faults that were ordered and have struck. */
    public List<StruckFault> faults() {
        return listener.faults();
    }

    public boolean isOver() {
        return ending.isDone();
    }

    /** The last workers have been told. */
    public void streamsClosed() {
        closed.complete(null);
    }

    /** Returns how the run ended, once all workers have been told. */
    public CompletionStage<Ending> ending() {
        return closed.thenCompose(_ -> ending);
    }

    /** Returns what was counted so far. */
    public Figures figures() {
        return new Figures(
                String.join("; ", kernels),
                steps,
                ledger.size(),
                samples,
                workers.size(),
                trainLoss,
                loss(Part.VALIDATION),
                accuracy(Part.VALIDATION),
                loss(Part.TEST),
                accuracy(Part.TEST),
                times,
                lostWorkers,
                reassignedShards,
                List.copyOf(ledger));
    }

    /** What the recorder counted. */
    public record Figures(
            String kernel,
            long steps,
            int epochs,
            long samples,
            int workers,
            @Nullable Double trainLoss,
            @Nullable Double validationLoss,
            @Nullable Double validationAccuracy,
            @Nullable Double testLoss,
            @Nullable Double testAccuracy,
            StepTimes times,
            int lostWorkers,
            int reassignedShards,
            List<RunSummary.LedgerLine> ledger) {}

    /**
     * Returns what was counted so far, for a checkpoint.
     *
     * @param processes worker processes that came over the network
     */
    public RunFigures saved(int processes, TrafficCounter traffic, int port) {
        return new RunFigures(
                new TreeSet<>(kernels),
                new TreeSet<>(workers),
                processes,
                steps,
                samples,
                epochTotals,
                trainLoss,
                Map.copyOf(evaluations),
                List.copyOf(ledger),
                times.saved(),
                lostWorkers,
                reassignedShards,
                traffic.sentBytes(),
                traffic.receivedBytes(),
                files.steps().bytes(),
                files.epochs().bytes(),
                port);
    }

    /** Adds a line; a disk that cannot take it does not stop the training. */
    private void append(LineFile out, LogLine line) {
        try {
            out.append(line.toJson());
            linesAreLost = false;
        } catch (IOException e) {
            if (!linesAreLost) {
                warn(
                        "a line of the step log could not be written: %s; training goes on without"
                                .formatted(Reason.of(e)));
            }
            linesAreLost = true;
        }
    }

    public void warn(String line) {
        LOG.warn("{}", line);
        listener.warned(line);
    }

    private @Nullable Double loss(Part part) {
        var totals = evaluations.get(part);
        return totals == null ? null : totals.meanLoss();
    }

    private @Nullable Double accuracy(Part part) {
        var totals = evaluations.get(part);
        return totals == null || !labelled ? null : (double) totals.correct() / totals.samples();
    }

    private static LogLine.Contributor contributor(StepReport.Share share) {
        return new LogLine.Contributor(
                share.worker().number(),
                share.shards().from(),
                share.shards().to(),
                share.attempt(),
                share.samples(),
                millis(share.computeNanos()));
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
