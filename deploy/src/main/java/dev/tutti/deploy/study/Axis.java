package dev.tutti.deploy.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * One thing that varies: an option, or several that vary together.
 *
 * @param keys names of the options
 * @param values what they are in turn; each has all keys
 */
record Axis(List<String> keys, List<SequencedMap<String, String>> values) {
    /** Copies the lists. */
    Axis {
        keys = List.copyOf(keys);
        values = List.copyOf(values);
    }

    /** Returns what a table calls it. */
    String name() {
        return String.join(", ", keys);
    }

    /** Returns its value among the settings of a run, as a table shows it. */
    String labelIn(Map<String, String> settings) {
        return keys.size() == 1
                ? settings.getOrDefault(keys.getFirst(), "")
                : label(keys, settings);
    }

    /** Returns the names and values of some settings. */
    static String label(Iterable<String> keys, Map<String, String> settings) {
        var texts = new ArrayList<String>();
        keys.forEach(key -> texts.add(key + "=" + settings.get(key)));
        return String.join(" ", texts);
    }

    /** Returns what it shows of all its values, in one line. */
    String describe() {
        return "%s: %s"
                .formatted(
                        name(),
                        values.stream().map(this::labelIn).collect(Collectors.joining(" | ")));
    }
}
