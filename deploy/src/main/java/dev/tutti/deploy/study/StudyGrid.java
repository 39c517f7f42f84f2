package dev.tutti.deploy.study;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Reads what varies: lists under {@code vary}, and lists that go together under {@code zip}. */
record StudyGrid(StudyValues values) {
    static final String VARY = "vary";
    static final String ZIP = "zip";

    /** Returns the axes in the order of the file, those of {@code zip} last. */
    List<Axis> axes(ConfigObject root) {
        var axes = new ArrayList<Axis>();
        varied(root).ifPresent(axes::addAll);
        axes.addAll(zipped(root));
        return axes;
    }

    private Optional<List<Axis>> varied(ConfigObject root) {
        return values.object(root, VARY)
                .map(object -> {
                    values.refuseUnknown(VARY + ".", object, values.options());
                    if (object.isEmpty()) {
                        throw values.refused(
                                object,
                                "vary is empty: give at least one option a list of values, or leave vary out");
                    }
                    return StudyValues.inOrder(object).stream()
                            .map(key -> axis(VARY, key, object))
                            .toList();
                });
    }

    private Axis axis(String where, String key, ConfigObject object) {
        return new Axis(
                List.of(key),
                list(where, key, object).stream().map(value -> single(key, value)).toList());
    }

    private static SequencedMap<String, String> single(String key, String value) {
        return new LinkedHashMap<>(Map.of(key, value));
    }

    private List<String> list(String where, String key, ConfigObject object) {
        var value = StudyValues.value(object, key);
        var name = where + "." + key;
        if (!(value instanceof ConfigList list)) {
            throw values.refused(
                    value,
                    "%s is %s: expected a list of values; a single value belongs in base"
                            .formatted(name, value.unwrapped()));
        }
        if (list.isEmpty()) {
            throw values.refused(
                    value,
                    "%s is an empty list: give it at least one value, or leave it out"
                            .formatted(name));
        }
        var texts = list.stream().map(item -> values.text(key, item)).toList();
        var seen = new HashSet<String>();
        for (var text : texts) {
            if (!seen.add(text)) {
                throw values.refused(value, "%s has %s twice: leave one out".formatted(name, text));
            }
        }
        return texts;
    }

    /** Returns one axis for each object of lists that vary together. */
    private List<Axis> zipped(ConfigObject root) {
        var zip = root.get(ZIP);
        if (zip == null) {
            return List.of();
        }
        var groups = zip instanceof ConfigList list ? List.copyOf(list) : List.of(zip);
        var axes = new ArrayList<Axis>();
        for (var group : groups) {
            if (!(group instanceof ConfigObject object) || object.isEmpty()) {
                throw values.refused(
                        group,
                        "zip must be an object of lists of the same length, such as { batch = [32, 64], steps = [200, 100] }");
            }
            axes.add(pairs(object));
        }
        return axes;
    }

    private Axis pairs(ConfigObject object) {
        values.refuseUnknown(ZIP + ".", object, values.options());
        var keys = StudyValues.inOrder(object);
        var lists = new LinkedHashMap<String, List<String>>();
        keys.forEach(key -> lists.put(key, texts(key, object)));
        var count = lists.firstEntry().getValue().size();
        var pairs = new ArrayList<SequencedMap<String, String>>();
        for (var i = 0; i < count; i++) {
            pairs.add(new LinkedHashMap<>());
        }
        lists.forEach((key, texts) -> {
            if (texts.size() != count) {
                throw values.refused(
                        object,
                        "zip.%s has %d values, zip.%s has %d: lists that vary together need the same length"
                                .formatted(keys.getFirst(), count, key, texts.size()));
            }
            for (var i = 0; i < count; i++) {
                pairs.get(i).put(key, texts.get(i));
            }
        });
        return new Axis(keys, pairs);
    }

    private List<String> texts(String key, ConfigObject object) {
        var value = StudyValues.value(object, key);
        if (!(value instanceof ConfigList list) || list.isEmpty()) {
            throw values.refused(
                    value,
                    "zip.%s is %s: expected a list with at least one value"
                            .formatted(key, value.unwrapped()));
        }
        return list.stream().map(item -> values.text(key, item)).toList();
    }
}
