package dev.tutti.common.report;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.step.compute.Accuracy;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts which class is taken for which. */
final class ClassTally implements Tally {
    private final Targets.Labels labels;
    private final Loss loss;
    private final int width;
    private final List<String> names;
    // By class × classes + answer. Only cells with samples: thousands of classes are no trouble.
    private final Map<Long, Integer> cells = new TreeMap<>();

    /** Makes a tally; outputs that no class belongs to are classes without samples. */
    ClassTally(Targets.Labels labels, Loss loss, int width) {
        this.labels = labels;
        this.loss = loss;
        this.width = width;
        this.names = new ArrayList<>(labels.names());
        for (var k = names.size(); k < width; k++) {
            names.add("output " + k);
        }
    }

    @Override
    public void add(int[] rows, int from, int to, MemorySegment outputs) {
        for (var i = from; i < to; i++) {
            var label = labels.bytes().getAtIndex(JAVA_INT, rows[i]);
            var answer = Accuracy.predicted(loss, outputs, i - from, width);
            cells.merge((long) label * names.size() + answer, 1, Integer::sum);
        }
    }

    @Override
    public ClassReport report() {
        var confusion = new ArrayList<ClassReport.Cell>();
        cells.forEach((cell, samples) ->
                confusion.add(
                        new ClassReport.Cell(
                                Math.toIntExact(cell / names.size()),
                                Math.toIntExact(cell % names.size()),
                                samples)));
        return ClassReport.of(names, confusion);
    }
}
