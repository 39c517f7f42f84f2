package dev.tutti.worker.data.text;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds out what stands between the cells of a text. A delimiter fits if all first rows have the
 * same number of cells, at least two. Among those that fit a comma wins; then the tab, the
 * semicolon or the bar, the one with the most cells; then blanks. There are two exceptions. A comma
 * does not win if another delimiter leaves commas in numbers only ({@code 5,1;3,5}). No delimiter
 * wins over blanks if it leaves several numbers with blanks between them in a cell of most rows. If
 * none fits, the one that fits most rows is taken, so that the other rows can be named, or else a
 * comma. Quotes that are not as they should be speak against a delimiter.
 */
final class DelimiterChoice {
    private static final double FIT_MIN = 0.5;

    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9.,]+([eE][+-]?[0-9]+)?");
    private static final Pattern BLANKS = Pattern.compile("[ \t]+");

    private final List<Separated> candidates;

    private DelimiterChoice(List<Separated> candidates) {
        this.candidates = candidates;
    }

    /** Returns the first rows of a text, read with the delimiter found. */
    static Separated of(Head head) {
        var candidates =
                Delimiter.FOUND_OUT.stream()
                        .filter(delimiter -> occurs(delimiter, head.text()))
                        .map(delimiter -> Separated.of(head, delimiter))
                        .filter(candidate -> candidate.fit() > FIT_MIN)
                        .toList();
        return new DelimiterChoice(candidates)
                .choose()
                .orElseGet(() -> Separated.of(head, Delimiter.COMMA));
    }

    private static boolean occurs(Delimiter delimiter, String text) {
        return text.indexOf(delimiter.character()) >= 0
                || (delimiter.equals(Delimiter.BLANKS) && text.indexOf('\t') >= 0);
    }

    private Optional<Separated> choose() {
        return first(candidate -> fitsAll(candidate) && !isBlanks(candidate))
                .or(() -> first(candidate -> !candidate.broken() && !isBlanks(candidate)))
                .map(this::orRather)
                .or(() -> first(DelimiterChoice::fitsAll))
                .or(() -> first(_ -> true));
    }

    private static boolean fitsAll(Separated candidate) {
        return candidate.fit() == 1 && !candidate.broken();
    }

    private Optional<Separated> first(Predicate<Separated> wanted) {
        var fitting = candidates.stream().filter(wanted).toList();
        return fitting.stream()
                .filter(candidate -> candidate.delimiter().equals(Delimiter.COMMA))
                .findFirst()
                .or(() -> fitting.stream().max(Comparator.comparingInt(Separated::width)));
    }

    /** Returns another delimiter that fits all rows, if this one cuts numbers or joins them. */
    private Separated orRather(Separated chosen) {
        var cutsNumbers = chosen.delimiter().equals(Delimiter.COMMA);
        var joinsNumbers = joinsNumbers(chosen.body());
        return candidates.stream()
                .filter(DelimiterChoice::fitsAll)
                .filter(other -> !other.delimiter().equals(chosen.delimiter()))
                .filter(other ->
                        (cutsNumbers && commasAreInNumbersOnly(other.body()))
                                || (joinsNumbers && isBlanks(other)))
                .findFirst()
                .orElse(chosen);
    }

    private static boolean commasAreInNumbersOnly(List<List<String>> rows) {
        return rows.stream()
                        .flatMap(List::stream)
                        .filter(cell -> cell.indexOf(',') >= 0)
                        .allMatch(cell -> NumberShape.of(cell).hasComma())
                && rows.stream()
                        .flatMap(List::stream)
                        .anyMatch(cell -> NumberShape.of(cell).hasComma());
    }

    private static boolean joinsNumbers(List<List<String>> rows) {
        var joined =
                rows.stream()
                        .filter(row -> row.stream().anyMatch(DelimiterChoice::areNumbers))
                        .count();
        return joined > rows.size() / 2;
    }

    private static boolean areNumbers(String cell) {
        if (cell.indexOf(' ') < 0 && cell.indexOf('\t') < 0) {
            return false;
        }
        var parts = BLANKS.split(cell);
        return parts.length > 1
                && Stream.of(parts).allMatch(part -> NUMBER.matcher(part).matches());
    }

    private static boolean isBlanks(Separated candidate) {
        return candidate.delimiter().equals(Delimiter.BLANKS);
    }
}
