package dev.tutti.deploy.study;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a study's file says.
 *
 * @param title of the report
 * @param base options of all runs, by their long names
 * @param axes what varies, in the order of the file
 * @param seeds of the repetitions; empty if each combination runs once, with the seed of the base
 * @param budget the longest time of one start
 * @param excluded combinations to leave out; each names some settings
 * @param layout of the table
 */
record Study(
        String title,
        Map<String, String> base,
        List<Axis> axes,
        List<Long> seeds,
        Optional<Duration> budget,
        List<Map<String, String>> excluded,
        Layout layout) {
    /** The option that the repetitions differ in. */
    static final String SEED = "seed";

    /**
     * What the table of the report shows.
     *
     * @param rows a setting that varies; default: the first
     * @param columns another one; default: the next
     * @param value a figure of the summary; default: the test accuracy, or what there is instead
     */
    record Layout(Optional<String> rows, Optional<String> columns, Optional<String> value) {}

    /**
     * One run of a study.
     *
     * @param varied the settings that vary, without the seed
     * @param seed of the repetition, if there are several
     * @param options all options of the run
     */
    record Combination(
            SequencedMap<String, String> varied, Optional<Long> seed, Map<String, String> options) {
        /** Returns what tells this run from the others. */
        String label() {
            var texts = new ArrayList<String>();
            if (!varied.isEmpty()) {
                texts.add(Axis.label(varied.keySet(), varied));
            }
            seed.ifPresent(number -> texts.add("%s=%d".formatted(SEED, number)));
            return texts.isEmpty() ? "the one run" : String.join(" ", texts);
        }
    }

    /** Returns all runs: the last axis changes fastest, but for the seed. */
    List<Combination> combinations() {
        var settings = new ArrayList<SequencedMap<String, String>>();
        settings.add(new LinkedHashMap<>());
        for (var axis : axes) {
            var longer = new ArrayList<SequencedMap<String, String>>();
            for (var before : settings) {
                for (var value : axis.values()) {
                    var with = new LinkedHashMap<>(before);
                    with.putAll(value);
                    longer.add(with);
                }
            }
            settings = longer;
        }
        return settings.stream()
                .filter(varied -> excluded.stream().noneMatch(part -> matches(part, varied)))
                .flatMap(varied -> repetitions(varied).stream())
                .toList();
    }

    /** Tells whether settings have all those of an exclusion. */
    static boolean matches(Map<String, String> part, Map<String, String> varied) {
        return varied.entrySet().containsAll(part.entrySet());
    }

    private List<Combination> repetitions(SequencedMap<String, String> varied) {
        if (seeds.isEmpty()) {
            return List.of(new Combination(varied, Optional.empty(), options(varied)));
        }
        return seeds.stream()
                .map(seed -> {
                    var options = options(varied);
                    options.put(SEED, Long.toString(seed));
                    return new Combination(varied, Optional.of(seed), options);
                })
                .toList();
    }

    private Map<String, String> options(Map<String, String> varied) {
        var options = new LinkedHashMap<>(base);
        options.putAll(varied);
        return options;
    }

    /** Returns how many runs there would be without exclusions. */
    long size() {
        var size = Math.max(1L, seeds.size());
        for (var axis : axes) {
            size = Math.multiplyExact(size, axis.values().size());
        }
        return size;
    }
}
