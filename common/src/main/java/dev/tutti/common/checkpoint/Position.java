package dev.tutti.common.checkpoint;

import dev.tutti.common.format.FormatException;
import dev.tutti.common.step.course.SavedBest;
import dev.tutti.common.step.course.SavedLedger;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.SavedTask;
import dev.tutti.common.step.course.SavedVector;
import dev.tutti.common.step.course.SavedVersion;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.Work;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Where a run stands, without its vectors.
 *
 * @param next the work to begin with
 * @param bestLoss as {@link SavedBest} has it, and so the next two
 * @param ledger the account of the epoch that is open
 * @param fingerprint of the first worker's kernel
 * @param tasks whose gradients wait for their steps
 * @param versions earlier weights that tasks need
 * @param vectors names of those that are kept from step to step
 */
public record Position(
        Work next,
        double bestLoss,
        long bestStep,
        int epochsSinceBest,
        SavedLedger ledger,
        String fingerprint,
        List<TaskPosition> tasks,
        List<Long> versions,
        List<String> vectors) {
    private static final String TRAIN = "train";
    private static final String STEP = "tutti.step";
    private static final String NEXT = "tutti.next";
    private static final String BEST_LOSS = "tutti.best.loss";
    private static final String BEST_STEP = "tutti.best.step";
    private static final String BEST_SINCE = "tutti.best.epochs-since";
    private static final String LEDGER_PLANNED = "tutti.ledger.planned";
    private static final String LEDGER_COUNTED = "tutti.ledger.counted";
    private static final String LEDGER_HASH = "tutti.ledger.hash-difference";
    private static final String TASKS = "tutti.task.";
    private static final String VERSIONS = "tutti.version.";
    private static final String VECTORS = "tutti.vector.";
    private static final String KERNEL = "tutti.kernel";
    private static final String LEDGER_INEXACT = "tutti.ledger.inexact-steps";

    static Position of(SavedRun run) {
        var best = run.best();
        return new Position(
                run.next(),
                best.loss(),
                best.step(),
                best.epochsSince(),
                run.ledger(),
                run.fingerprint(),
                run.tasks().stream().map(TaskPosition::of).toList(),
                run.versions().stream().map(SavedVersion::version).toList(),
                run.vectors().stream().map(SavedVector::name).toList());
    }

    /** Returns the run that stands here with these vectors. */
    SavedRun over(
            TrainingState state,
            MemorySegment bestWeights,
            List<MemorySegment> gradients,
            List<MemorySegment> earlier,
            List<MemorySegment> values) {
        var weights = new ArrayList<SavedVersion>();
        for (var i = 0; i < earlier.size(); i++) {
            weights.add(new SavedVersion(versions.get(i), earlier.get(i)));
        }
        var kept = new ArrayList<SavedVector>();
        for (var i = 0; i < values.size(); i++) {
            kept.add(new SavedVector(vectors.get(i), values.get(i)));
        }
        var saved = new ArrayList<SavedTask>();
        for (var i = 0; i < gradients.size(); i++) {
            saved.add(tasks.get(i).over(gradients.get(i)));
        }
        return new SavedRun(
                next,
                state,
                new SavedBest(bestLoss, bestStep, epochsSinceBest, bestWeights),
                ledger,
                fingerprint,
                List.copyOf(saved),
                List.copyOf(weights),
                List.copyOf(kept));
    }

    Map<String, String> toMetadata() {
        var metadata = new HashMap<String, String>();
        for (var i = 0; i < tasks.size(); i++) {
            metadata.put(TASKS + i, tasks.get(i).text());
        }
        for (var i = 0; i < versions.size(); i++) {
            metadata.put(VERSIONS + i, Long.toString(versions.get(i)));
        }
        for (var i = 0; i < vectors.size(); i++) {
            metadata.put(VECTORS + i, vectors.get(i));
        }
        metadata.putAll(positionMetadata());
        return metadata;
    }

    private Map<String, String> positionMetadata() {
        return Map.of(
                STEP, Long.toString(next.step()),
                NEXT, name(next),
                // Texts of doubles are exact: reading gives the same bits.
                BEST_LOSS, Double.toString(bestLoss),
                BEST_STEP, Long.toString(bestStep),
                BEST_SINCE, Integer.toString(epochsSinceBest),
                LEDGER_PLANNED, Integer.toString(ledger.planned()),
                LEDGER_COUNTED, Long.toString(ledger.counted()),
                LEDGER_HASH, Long.toString(ledger.hashDifference()),
                LEDGER_INEXACT, Integer.toString(ledger.inexactSteps()),
                KERNEL, fingerprint);
    }

    static Position fromMetadata(Map<String, String> metadata) {
        return new Position(
                work(
                        read(metadata, NEXT, Function.identity()),
                        read(metadata, STEP, Long::parseLong)),
                read(metadata, BEST_LOSS, Double::parseDouble),
                read(metadata, BEST_STEP, Long::parseLong),
                read(metadata, BEST_SINCE, Integer::parseInt),
                new SavedLedger(
                        read(metadata, LEDGER_PLANNED, Integer::parseInt),
                        read(metadata, LEDGER_COUNTED, Long::parseLong),
                        read(metadata, LEDGER_HASH, Long::parseLong),
                        read(metadata, LEDGER_INEXACT, Integer::parseInt)),
                read(metadata, KERNEL, Function.identity()),
                readAll(metadata, TASKS, TaskPosition::parse),
                readAll(metadata, VERSIONS, Long::parseLong),
                readAll(metadata, VECTORS, Function.identity()));
    }

    private static String name(Work work) {
        return switch (work) {
            case Work.Train _, Work.Measure _ -> TRAIN;
            case Work.Evaluate(_, var part) -> part.name().toLowerCase(Locale.ROOT);
        };
    }

    private static Work work(String name, long step) {
        if (name.equals(TRAIN)) {
            return new Work.Train(step);
        }
        for (var part : Part.values()) {
            if (part.name().toLowerCase(Locale.ROOT).equals(name)) {
                return new Work.Evaluate(step, part);
            }
        }
        throw new FormatException(
                "metadata \"%s\" must be train, validation or test, found \"%s\""
                        .formatted(NEXT, name));
    }

    /** Returns the values of keys that are numbered from 0 on. */
    private static <T> List<T> readAll(
            Map<String, String> metadata, String prefix, Function<String, T> reading) {
        return IntStream.iterate(0, i -> metadata.containsKey(prefix + i), i -> i + 1)
                .mapToObj(i -> read(metadata, prefix + i, reading))
                .toList();
    }

    private static <T> T read(
            Map<String, String> metadata, String key, Function<String, T> reading) {
        var text = metadata.get(key);
        if (text == null) {
            throw new FormatException("metadata \"%s\" is missing".formatted(key));
        }
        try {
            return reading.apply(text);
        } catch (NumberFormatException _) {
            throw new FormatException(
                    "metadata \"%s\" must be a number, found \"%s\"".formatted(key, text));
        }
    }
}
