package dev.tutti.common.checkpoint;

import dev.tutti.common.average.Totals;
import dev.tutti.common.step.course.SavedTask;
import dev.tutti.common.sync.order.Task;
import java.lang.foreign.MemorySegment;

/** A task whose gradient waits for its step, without the gradient; one entry of metadata each. */
record TaskPosition(Task task, Totals totals) {
    private static final int WORDS = 7;

    static TaskPosition of(SavedTask saved) {
        return new TaskPosition(saved.task(), saved.totals());
    }

    SavedTask over(MemorySegment gradient) {
        return new SavedTask(task, totals, gradient);
    }

    String text() {
        return "%d %d %d %d %d %d %s"
                .formatted(
                        task.worker(),
                        task.batch(),
                        task.version(),
                        totals.samples(),
                        totals.correct(),
                        totals.sampleHash(),
                        // Texts of doubles are exact: reading gives the same bits.
                        Double.toString(totals.loss()));
    }

    /**
     * Returns the task of a text.
     *
     * @throws NumberFormatException if it is not one
     */
    static TaskPosition parse(String text) {
        var words = text.split(" ", -1);
        if (words.length != WORDS) {
            throw new NumberFormatException(text);
        }
        return new TaskPosition(
                new Task(
                        Integer.parseInt(words[0]),
                        Long.parseLong(words[1]),
                        Long.parseLong(words[2])),
                new Totals(
                        Integer.parseInt(words[3]),
                        Double.parseDouble(words[6]),
                        Integer.parseInt(words[4]),
                        Long.parseLong(words[5])));
    }
}
