package dev.tutti.deploy.report.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * In what some runs differ.
 *
 * @param changed names of the settings that are not the same in all runs
 * @param common settings that are
 */
record ChangedSettings(SortedSet<String> changed, Map<String, String> common) {
    /** Compares runs. */
    static ChangedSettings of(List<RecordedRun> runs) {
        var changed = new TreeSet<String>();
        var common = new TreeMap<>(runs.getFirst().settings());
        for (var run : runs) {
            changed.addAll(differing(common, run.settings()));
            changed.addAll(differing(run.settings(), common));
        }
        common.keySet().removeAll(changed);
        return new ChangedSettings(changed, common);
    }

    private static List<String> differing(Map<String, String> some, Map<String, String> others) {
        return some.entrySet().stream()
                .filter(setting -> !setting.getValue().equals(others.get(setting.getKey())))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Returns a label for each run: what has changed, or its name if that does not tell it. */
    List<String> labels(List<RecordedRun> runs) {
        var labels = runs.stream().map(this::label).toList();
        var distinct = new ArrayList<String>();
        for (var i = 0; i < runs.size(); i++) {
            var label = labels.get(i);
            var name = runs.get(i).name();
            var isTold = !label.isEmpty() && labels.indexOf(label) == labels.lastIndexOf(label);
            var full = isTold ? label : (label + " " + name).strip();
            distinct.add(distinct.contains(full) ? "%s (%d)".formatted(full, i + 1) : full);
        }
        return distinct;
    }

    private String label(RecordedRun run) {
        return changed.stream()
                .filter(run.settings()::containsKey)
                .map(key -> key + "=" + run.settings().get(key))
                .collect(Collectors.joining(" "));
    }
}
