package dev.tutti.coordinator.record;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.observe.Observation;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.run.Part;
import dev.tutti.coordinator.file.RecordJson;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.coordinator.stream.TrafficCounter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a run. A figure is declared here and nowhere else: its field, with its value
 * before the first step, is its entry in a checkpoint; {@link #on} counts it; {@link #shown} is its
 * entry in the summary. A checkpoint from before there was the figure leaves it at its first value.
 *
 * <p>No bit of the weights follows from them. A collection is replaced, never changed: so a copy of
 * the fields stays as it is.
 */
@JsonAutoDetect(fieldVisibility = Visibility.ANY, isGetterVisibility = Visibility.NONE)
public final class RunFigures implements RunObserver, Cloneable {
    private static final String WHOLE = "whole";

    private SortedSet<String> kernels = Collections.emptySortedSet();
    private SortedSet<Integer> workers = Collections.emptySortedSet();
    private int processes;
    private long steps;
    private long samples;
    private Totals epochTotals = Totals.NONE;
    private @Nullable Double trainLoss;
    private @Nullable Double virtualSeconds;
    private Map<Part, Totals> evaluations = Map.of();
    private List<RunSummary.LedgerLine> ledger = List.of();
    private StepTimes times = new StepTimes(StepTimes.Saved.NONE);
    private int lostWorkers;
    private int reassignedShards;
    private long sentBytes;
    private long receivedBytes;
    private long stepsBytes;
    private long epochsBytes;
    private long metricsBytes;
    private long observationsBytes;
    private long digestsBytes;
    private Map<String, NoiseScale> noise = Map.of();
    private @Nullable Double proofError;
    private long audits;
    private long auditsAlone;
    private int auditDifferences;
    private List<String> expelled = List.of();
    private int port;
    private transient boolean labelled;
    private transient int firstAttempt;

    /** Makes the figures of a run that has not begun. */
    public RunFigures() {}

    /**
     * Returns the figures of a run.
     *
     * @param before what it goes on with, if it is not new
     * @param labelled whether accuracies mean something
     */
    public static RunFigures of(Optional<RunFigures> before, boolean labelled) {
        var figures = before.orElseGet(RunFigures::new);
        figures.labelled = labelled;
        return figures;
    }

    /** Returns the figures that a checkpoint holds. */
    public static RunFigures parse(String json) {
        return RecordJson.parse("the checkpoint's figures", json, RunFigures.class);
    }

    public String toJson() {
        return RecordJson.line(this);
    }

    /** Returns what was counted so far. */
    public RunFigures copy() {
        try {
            var copy = (RunFigures) clone();
            copy.times = new StepTimes(times.saved());
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Notes what a run measures without an event.
     *
     * @param processesNow worker processes that came over the network
     * @param portNow that the workers know, 0 within one process
     */
    public void measured(int processesNow, TrafficCounter traffic, RunFiles files, int portNow) {
        processes = Math.max(processes, processesNow);
        sentBytes = traffic.sentBytes();
        receivedBytes = traffic.receivedBytes();
        stepsBytes = files.steps().bytes();
        epochsBytes = files.epochs().bytes();
        metricsBytes = files.bytes(RunFiles.METRICS);
        observationsBytes = files.bytes(RunFiles.OBSERVATIONS);
        digestsBytes = files.bytes(RunFiles.DIGESTS);
        port = portNow;
    }

    @Override
    public void on(RunEvent event) {
        switch (event) {
            case RunEvent.StepTaken taken -> count(taken);
            case RunEvent.EpochEnded(var entry) -> {
                ledger = new ArrayList<>(ledger);
                ledger.add(RunSummary.LedgerLine.of(entry));
                trainLoss = epochTotals.meanLoss();
                epochTotals = Totals.NONE;
            }
            case RunEvent.Evaluated(_, _, var part, var totals) -> {
                evaluations = new TreeMap<>(evaluations);
                evaluations.put(part, totals);
            }
            case RunEvent.MemberJoined(_, var info, _) -> kernels = with(info.kernel(), kernels);
            case RunEvent.MemberLost(_, var lost, _) -> lostWorkers += lost.size();
            case RunEvent.WentBack(_, var then, var attempt, _) -> {
                goBack(then);
                firstAttempt = attempt;
            }
            case RunEvent.Audited(var kind, _, var line) -> count(kind, line);
            case RunEvent.Ended _ -> times.end();
            case RunEvent.MemberLeft _,
                    RunEvent.MessageRejected _,
                    RunEvent.CheckpointWritten _,
                    RunEvent.Noted _,
                    RunEvent.Observed _,
                    RunEvent.Warned _ -> {}
        }
    }

    /** What is of steps is as it was; losses, times and bytes have happened. */
    private void goBack(RunFigures then) {
        steps = then.steps;
        samples = then.samples;
        epochTotals = then.epochTotals;
        trainLoss = then.trainLoss;
        virtualSeconds = then.virtualSeconds;
        evaluations = then.evaluations;
        ledger = then.ledger;
        noise = then.noise;
        proofError = then.proofError;
    }

    private void count(RunEvent.StepTaken taken) {
        var report = taken.report();
        times.add(taken.totalNanos(), report.totals().samples());
        steps = report.step();
        samples += report.totals().samples();
        report.schedule().ifPresent(schedule -> virtualSeconds = schedule.nanos() / 1e9);
        epochTotals = epochTotals.plus(report.totals());
        report.observation().ifPresent(this::count);
        for (var share : report.shares()) {
            workers = with(share.worker().number(), workers);
            reassignedShards += share.attempt() > firstAttempt ? share.shards().size() : 0;
        }
    }

    private void count(Decision.Audited.Kind kind, String line) {
        switch (kind) {
            case AUDITED -> audits++;
            case ALONE -> auditsAlone++;
            case DIFFERENCE -> auditDifferences++;
            case EXPELLED -> {
                expelled = new ArrayList<>(expelled);
                expelled.add(line);
            }
        }
    }

    private void count(Observation observation) {
        observation
                .seen()
                .ifPresent(seen -> {
                    noise = new TreeMap<>(noise);
                    noise.put(WHOLE, noise().with(seen.whole()));
                    for (var i = 0; i < seen.layers().size(); i++) {
                        noise.put(Integer.toString(i), noise(i).with(seen.layers().get(i)));
                    }
                });
        observation
                .proof()
                .ifPresent(proof ->
                        proofError = Math.max(proofError == null ? 0 : proofError, proof.error()));
    }

    private static <T> SortedSet<T> with(T item, SortedSet<T> set) {
        if (set.contains(item)) {
            return set;
        }
        var larger = new TreeSet<>(set);
        larger.add(item);
        return larger;
    }

    /** Returns what a summary shows, by name. */
    Map<String, @Nullable Object> shown() {
        var shown = new LinkedHashMap<String, @Nullable Object>();
        shown.put("steps", steps);
        shown.put("epochs", epochs());
        shown.put("samples", samples);
        shown.put("kernel", String.join("; ", kernels));
        shown.put("workers", workers());
        shown.put("processes", processes);
        shown.put("trainLoss", trainLoss);
        shown.put("validationLoss", loss(Part.VALIDATION));
        shown.put("validationAccuracy", accuracy(Part.VALIDATION));
        shown.put("testLoss", loss(Part.TEST));
        shown.put("testAccuracy", accuracy(Part.TEST));
        shown.put("seconds", times.seconds());
        shown.put("virtualSeconds", virtualSeconds);
        shown.put("samplesPerSecond", times.samplesPerSecond());
        shown.put("stepMillisP50", times.millisAt(0.5));
        shown.put("stepMillisP95", times.millisAt(0.95));
        shown.put("bytesSent", sentBytes);
        shown.put("bytesReceived", receivedBytes);
        shown.put("lostWorkers", lostWorkers);
        shown.put("reassignedShards", reassignedShards);
        if (noise().isKnown()) {
            shown.put("noiseScale", noise().isNoise() ? null : noise().samples());
        }
        if (proofError != null) {
            shown.put("proofError", proofError);
        }
        if (isAudited()) {
            shown.put("audits", audits);
            shown.put("auditsAlone", auditsAlone);
            shown.put("auditDifferences", auditDifferences);
            shown.put("expelled", expelled);
        }
        shown.put("ledgerExact", ledgerExact());
        shown.put("ledger", ledger);
        return shown;
    }

    /** Tells whether the run audits. */
    public boolean isAudited() {
        return audits + auditsAlone + auditDifferences > 0;
    }

    /** Returns how many shards were computed by several processes, and compared. */
    public long audits() {
        return audits;
    }

    /** Returns how many were not, though they were drawn: there was one process only. */
    public long auditsAlone() {
        return auditsAlone;
    }

    /** Returns how many shards had other bits from another process. */
    public int auditDifferences() {
        return auditDifferences;
    }

    /** Returns a line for each process that was expelled: why, and what it brought. */
    public List<String> expelled() {
        return expelled;
    }

    /** Returns the noise scale of the whole gradient. */
    NoiseScale noise() {
        return noise.getOrDefault(WHOLE, NoiseScale.UNKNOWN);
    }

    /** Returns the noise scale of a layer. */
    NoiseScale noise(int layer) {
        return noise.getOrDefault(Integer.toString(layer), NoiseScale.UNKNOWN);
    }

    /** Returns how much of {@code metrics.csv} was written. */
    public long metricsBytes() {
        return metricsBytes;
    }

    /** Returns how much of {@code observations.jsonl} was written. */
    public long observationsBytes() {
        return observationsBytes;
    }

    /** Returns how much of {@code digests.jsonl} was written. */
    public long digestsBytes() {
        return digestsBytes;
    }

    /** Returns the steps taken. */
    public long steps() {
        return steps;
    }

    /** Returns the epochs that are over. */
    public int epochs() {
        return ledger.size();
    }

    /** Returns the training samples counted, over all steps. */
    public long samples() {
        return samples;
    }

    /** Returns how many workers took part. */
    public int workers() {
        return workers.size();
    }

    /** Returns the mean over the last epoch, as its steps saw it. */
    public @Nullable Double trainLoss() {
        return trainLoss;
    }

    /** Returns the time of the virtual workers' clock; none of a run without a clock. */
    public @Nullable Double virtualSeconds() {
        return virtualSeconds;
    }

    /** Returns the latest mean loss of a part; none of one without samples. */
    public @Nullable Double loss(Part part) {
        var totals = evaluations.get(part);
        return totals == null ? null : totals.meanLoss();
    }

    /** Returns the latest accuracy of a part; none of one without samples, or without classes. */
    public @Nullable Double accuracy(Part part) {
        var totals = evaluations.get(part);
        return totals == null || !labelled ? null : (double) totals.correct() / totals.samples();
    }

    /** Returns the times of the steps. */
    public StepTimes times() {
        return times;
    }

    /** Returns how many workers were lost. */
    public int lostWorkers() {
        return lostWorkers;
    }

    /** Returns how many shards were given to another worker. */
    public int reassignedShards() {
        return reassignedShards;
    }

    /** Tells whether every sample of every epoch was counted exactly once. */
    public boolean ledgerExact() {
        return ledger.stream().allMatch(RunSummary.LedgerLine::exact);
    }

    /** Returns how much of {@code steps.jsonl} was written. */
    public long stepsBytes() {
        return stepsBytes;
    }

    public long epochsBytes() {
        return epochsBytes;
    }

    /** Returns the bytes that the coordinator sent over the network. */
    public long sentBytes() {
        return sentBytes;
    }

    /** Returns the bytes that the coordinator received over the network. */
    public long receivedBytes() {
        return receivedBytes;
    }

    /** Returns the port that the workers know, 0 within one process. */
    public int port() {
        return port;
    }
}
