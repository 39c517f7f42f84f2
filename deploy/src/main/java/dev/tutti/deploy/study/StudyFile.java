package dev.tutti.deploy.study;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reads the HOCON file of a study; every refusal names the file and the line. */
final class StudyFile {
    private static final String BASE = "base";
    private static final String SEEDS = "seeds";
    private static final String EXCLUDE = "exclude";
    private static final String REPORT = "report";
    private static final String ROWS = "rows";
    private static final String COLUMNS = "columns";
    private static final String VALUE = "value";

    private static final SortedSet<String> KEYS =
            new TreeSet<>(
                    Set.of(
                            "title",
                            BASE,
                            StudyGrid.VARY,
                            StudyGrid.ZIP,
                            SEEDS,
                            "budget",
                            EXCLUDE,
                            REPORT));

    private static final int RUNS_MAX = 10_000;
    private static final double MINUTE_NANOS = 60e9;

    /** More minutes than these are no limit. */
    private static final double MINUTES_MAX = 1e6;

    private final StudyValues values;

    private StudyFile(StudyValues values) {
        this.values = values;
    }

    /**
     * Reads a file.
     *
     * @param known names of the options that a run may have
     * @throws UserException if it is not there, or no study
     */
    static Study read(Path file, SortedSet<String> known) {
        if (!Files.isRegularFile(file)) {
            throw new UserException(
                    ExitCode.USAGE,
                    "no study file %s: give a HOCON file with base and vary, such as studies/modes-and-stragglers.conf of the distribution"
                            .formatted(file));
        }
        try {
            return new StudyFile(new StudyValues(file, known))
                    .study(ConfigFactory.parseFile(file.toFile()).resolve());
        } catch (ConfigException e) {
            throw new UserException(ExitCode.USAGE, "cannot read the study: " + e.getMessage());
        }
    }

    private Study study(Config config) {
        var root = config.root();
        values.refuseUnknown("", root, KEYS);
        var base = base(root);
        var axes = new StudyGrid(values).axes(root);
        var seeds = seeds(root.get(SEEDS));
        refuseTwice(root, base, axes, seeds);
        var study =
                new Study(
                        title(root),
                        base,
                        axes,
                        seeds,
                        budget(root.get("budget")),
                        excluded(root, axes),
                        layout(root, axes));
        requireSize(study);
        return study;
    }

    private void requireSize(Study study) {
        try {
            if (study.size() > RUNS_MAX) {
                throw values.refused(
                        null,
                        "the grid has %d runs, at most %d are possible: vary less"
                                .formatted(study.size(), RUNS_MAX));
            }
        } catch (ArithmeticException _) {
            throw values.refused(null, "the grid has more runs than can be counted: vary less");
        }
        if (study.combinations().isEmpty()) {
            throw values.refused(
                    null, "exclude leaves out all %d runs: leave one in".formatted(study.size()));
        }
    }

    private String title(ConfigObject root) {
        var title = root.get("title");
        var name = String.valueOf(values.file().getFileName()).replaceFirst("\\.conf$", "");
        return title == null ? name : values.text("title", title);
    }

    private Map<String, String> base(ConfigObject root) {
        var base = new TreeMap<String, String>();
        values.object(root, BASE)
                .ifPresent(object -> {
                    values.refuseUnknown(BASE + ".", object, values.options());
                    object.forEach((key, value) -> base.put(key, values.text(key, value)));
                });
        return base;
    }

    private List<Long> seeds(@Nullable ConfigValue value) {
        if (value == null) {
            return List.of();
        }
        var seeds =
                switch (value.unwrapped()) {
                    case Integer count when count >= 1 && count <= RUNS_MAX ->
                            LongStream.rangeClosed(1, count).boxed().toList();
                    case List<?> list
                            when !list.isEmpty()
                                    && list.stream()
                                            .allMatch(item ->
                                                    item instanceof Integer
                                                            || item instanceof Long) ->
                            list.stream().map(item -> ((Number) item).longValue()).toList();
                    default ->
                            throw values.refused(
                                    value,
                                    "seeds is %s: expected a list of whole numbers such as [1, 2, 3], or how many"
                                            .formatted(value.unwrapped()));
                };
        if (new HashSet<>(seeds).size() < seeds.size()) {
            throw values.refused(value, "seeds has a number twice: leave one out");
        }
        return seeds;
    }

    private Optional<Duration> budget(@Nullable ConfigValue value) {
        if (value == null) {
            return Optional.empty();
        }
        if (value.unwrapped() instanceof Number number
                && number.doubleValue() > 0
                && number.doubleValue() <= MINUTES_MAX) {
            return Optional.of(Duration.ofNanos((long) (number.doubleValue() * MINUTE_NANOS)));
        }
        throw values.refused(
                value,
                "budget is %s: expected a number of minutes above 0 such as 10, or leave it out"
                        .formatted(value.unwrapped()));
    }

    private List<Map<String, String>> excluded(ConfigObject root, List<Axis> axes) {
        var value = root.get(EXCLUDE);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof ConfigList list)) {
            throw values.refused(
                    value,
                    "exclude must be a list of settings, such as [{ average = median, sync = \"local(4)\" }]");
        }
        var excluded = new ArrayList<Map<String, String>>();
        for (var item : list) {
            if (!(item instanceof ConfigObject object) || object.isEmpty()) {
                throw values.refused(
                        item,
                        "exclude has %s: expected settings such as { average = median }"
                                .formatted(item.unwrapped()));
            }
            var part = new TreeMap<String, String>();
            object.forEach((key, setting) -> part.put(key, values.text(key, setting)));
            requireVaried(part, axes, item);
            excluded.add(part);
        }
        return excluded;
    }

    /** Refuses an exclusion of what no run has, which is a typing error. */
    private void requireVaried(Map<String, String> part, List<Axis> axes, ConfigValue where) {
        part.forEach((key, text) -> {
            var isVaried =
                    axes.stream()
                            .flatMap(axis -> axis.values().stream())
                            .anyMatch(value -> text.equals(value.get(key)));
            if (!isVaried) {
                throw values.refused(
                        where,
                        "exclude has %s=%s, which no run has: name a value of vary or zip"
                                .formatted(key, text));
            }
        });
    }

    private Study.Layout layout(ConfigObject root, List<Axis> axes) {
        var report = values.object(root, REPORT);
        report.ifPresent(object ->
                values.refuseUnknown(
                        REPORT + ".", object, new TreeSet<>(Set.of(ROWS, COLUMNS, VALUE))));
        var rows = report.flatMap(object -> axisName(ROWS, object, axes));
        var columns = report.flatMap(object -> axisName(COLUMNS, object, axes));
        if (rows.isPresent() && rows.equals(columns)) {
            throw values.refused(
                    null, "report.rows and report.columns are both %s".formatted(rows.get()));
        }
        return new Study.Layout(
                rows, columns, report.map(object -> object.get(VALUE)).map(this::figure));
    }

    private Optional<String> axisName(String key, ConfigObject report, List<Axis> axes) {
        return Optional.ofNullable(report.get(key))
                .map(value -> {
                    var name = values.text(key, value);
                    if (axes.stream().noneMatch(axis -> axis.keys().contains(name))) {
                        throw values.refused(
                                value,
                                "report.%s is %s, which does not vary: name an option of vary or zip"
                                        .formatted(key, name));
                    }
                    return name;
                });
    }

    private String figure(ConfigValue value) {
        var name = values.text(VALUE, value);
        if (!StudyTable.FIGURES.containsKey(name)) {
            throw values.refused(
                    value,
                    "report.value is %s: expected one of %s"
                            .formatted(name, String.join(", ", StudyTable.FIGURES.keySet())));
        }
        return name;
    }

    private void refuseTwice(
            ConfigObject root, Map<String, String> base, List<Axis> axes, List<Long> seeds) {
        var seen = new HashSet<>(base.keySet());
        if (!seeds.isEmpty() && !seen.add(Study.SEED)) {
            throw values.refused(root, "seeds and base.seed are both given: leave one out");
        }
        for (var axis : axes) {
            for (var key : axis.keys()) {
                if (!seen.add(key)) {
                    throw values.refused(
                            root,
                            "%s stands in two of base, vary, zip and seeds: leave it in one"
                                    .formatted(key));
                }
            }
        }
    }
}
