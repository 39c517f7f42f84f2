package dev.tutti.deploy.report.diff;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.report.html.RecordedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * In what two runs differ.
 *
 * @param settings those that are not the same
 * @param figures final figures that both have
 * @param times what both took
 * @param bits where their bits part
 */
public record RunsDiff(
        List<Setting> settings, List<Figure> figures, List<Figure> times, BitsDiff bits) {
    /** What a setting is called that a run was not given. */
    private static final String DEFAULT = "default";

    private static final List<Name> FIGURES =
            List.of(
                    new Name("testAccuracy", 1),
                    new Name("testLoss", -1),
                    new Name("validationAccuracy", 1),
                    new Name("validationLoss", -1),
                    new Name("trainLoss", -1),
                    new Name("noiseScale", 0));

    private static final List<Name> TIMES =
            List.of(
                    new Name("seconds", -1),
                    new Name("virtualSeconds", -1),
                    new Name("samplesPerSecond", 1),
                    new Name("stepMillisP50", -1),
                    new Name("stepMillisP95", -1),
                    new Name("bytesSent", -1),
                    new Name("bytesReceived", -1));

    /** A figure of a summary; more of it is better, or less, or neither. */
    private record Name(String name, int better) {}

    /** A setting and its values. */
    public record Setting(String name, String a, String b) {}

    /**
     * A figure and its values.
     *
     * @param better the letter of the better run, or that they are equal, or a dash if neither is
     *     better
     */
    public record Figure(String name, double a, double b, String better) {}

    /**
     * Compares two runs.
     *
     * @throws UserException if their figures are of different data
     */
    public static RunsDiff of(RecordedRun a, RecordedRun b) {
        var dataA = a.settings().getOrDefault("data", DEFAULT);
        var dataB = b.settings().getOrDefault("data", DEFAULT);
        if (!dataA.equals(dataB)) {
            throw new UserException(
                    ExitCode.USAGE,
                    "%s and %s cannot be compared: they were trained on %s and on %s; give two runs on the same data"
                            .formatted(a.folder(), b.folder(), dataA, dataB));
        }
        return new RunsDiff(
                settings(a, b), figures(FIGURES, a, b), figures(TIMES, a, b), BitsDiff.of(a, b));
    }

    private static List<Setting> settings(RecordedRun a, RecordedRun b) {
        var names = new TreeSet<>(a.settings().keySet());
        names.addAll(b.settings().keySet());
        return names.stream()
                .map(name ->
                        new Setting(
                                name,
                                a.settings().getOrDefault(name, DEFAULT),
                                b.settings().getOrDefault(name, DEFAULT)))
                .filter(setting -> !setting.a().equals(setting.b()))
                .toList();
    }

    private static List<Figure> figures(List<Name> names, RecordedRun a, RecordedRun b) {
        var figures = new ArrayList<Figure>();
        for (var name : names) {
            var left = a.figure(name.name());
            var right = b.figure(name.name());
            if (left.isPresent() && right.isPresent()) {
                figures.add(figure(name, left, right));
            }
        }
        return List.copyOf(figures);
    }

    private static Figure figure(Name name, OptionalDouble a, OptionalDouble b) {
        var left = a.getAsDouble();
        var right = b.getAsDouble();
        var sign = name.better() * Double.compare(left, right);
        var better = left == right ? "same" : sign > 0 ? "a" : sign < 0 ? "b" : "-";
        return new Figure(name.name(), left, right, better);
    }
}
