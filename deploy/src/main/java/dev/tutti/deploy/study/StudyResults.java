package dev.tutti.deploy.study;

import dev.tutti.deploy.report.html.RecordedRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What has become of all runs of a study. A run that is done is read once. */
final class StudyResults {
    private final StudyFolder folder;
    private final List<PlannedRun> runs;
    private final Map<String, RecordedRun> recorded = new HashMap<>();

    StudyResults(StudyFolder folder, List<PlannedRun> runs) {
        this.folder = folder;
        this.runs = List.copyOf(runs);
    }

    /**
     * One run.
     *
     * @param recorded what it left, if it is done
     * @param failure why it failed, or empty
     */
    record Row(PlannedRun run, RunState state, Optional<RecordedRun> recorded, String failure) {
        /** Returns a final figure; none of a run that is not done. */
        Optional<Double> figure(String name) {
            return recorded.flatMap(done -> {
                var value = done.figure(name);
                return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
            });
        }
    }

    /** Returns all runs as they are now, in the order of the plan. */
    List<Row> rows() {
        var rows = new ArrayList<Row>();
        for (var run : runs) {
            var state = folder.state(run.name());
            rows.add(
                    new Row(
                            run,
                            state,
                            state == RunState.DONE
                                    ? Optional.of(
                                            recorded.computeIfAbsent(
                                                    run.name(),
                                                    name -> RecordedRun.read(folder.of(name))))
                                    : Optional.empty(),
                            state == RunState.FAILED ? folder.failure(run.name()) : ""));
        }
        return rows;
    }
}
