package dev.tutti.worker.data.text;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How the numbers of a text are written. A number that could be two is never read as either: it is
 * refused with the option that decides.
 *
 * @param decimal what stands before a fraction
 * @param groups whether the other mark is known to divide thousands, so that it is read so in a
 *     number like {@code 1,234} too
 * @param given whether a user has said it
 */
public record NumberStyle(DecimalMark decimal, boolean groups, boolean given) {
    /** Returns the style that a user gives. */
    static NumberStyle of(DecimalMark decimal) {
        return new NumberStyle(decimal, true, true);
    }

    /**
     * Finds out how numbers are written from the first rows. Commas are decimal if they do not
     * stand between cells, some number can have no other meaning ({@code 5,1}), and none has commas
     * between thousands. Marks divide thousands if some number can have no other meaning.
     */
    static NumberStyle of(Separated first) {
        var shapes =
                first.rows().stream()
                        .flatMap(List::stream)
                        .filter(cell -> cell.indexOf(',') >= 0)
                        .map(NumberShape::withoutSpacers)
                        .map(NumberShape::of)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(NumberShape.class)));
        var commas =
                shapes.contains(NumberShape.COMMA)
                        || shapes.contains(NumberShape.GROUPED_BY_POINTS);
        var groupingCommas = shapes.contains(NumberShape.GROUPED_BY_COMMAS);
        if (commas && !groupingCommas && !first.delimiter().equals(Delimiter.COMMA)) {
            return new NumberStyle(DecimalMark.COMMA, hasPointsInGroups(first), false);
        }
        return new NumberStyle(DecimalMark.POINT, groupingCommas && !commas, false);
    }

    private static boolean hasPointsInGroups(Separated first) {
        return first.rows().stream()
                .flatMap(List::stream)
                .anyMatch(cell -> NumberShape.of(cell) == NumberShape.GROUPED_BY_POINTS);
    }

    /** Tells whether a cell looks like a number with marks between its digits, in any style. */
    public static boolean looksLikeNumber(String cell) {
        var joined = NumberShape.withoutSpacers(cell);
        return joined.length() < cell.length() || NumberShape.of(cell) != NumberShape.OTHER;
    }

    /** Returns a number with a decimal point and nothing between thousands; other cells as is. */
    public String plain(String written) {
        var cell = NumberShape.withoutSpacers(written);
        return switch (NumberShape.of(cell)) {
            case OTHER -> cell;
            case POINT, COMMA -> withPoint(cell);
            case POINT_OR_GROUPS, COMMA_OR_GROUPS -> withPoint(withoutGroups(cell));
            case GROUPED_BY_POINTS ->
                    decimal == DecimalMark.COMMA ? withPoint(withoutGroups(cell)) : cell;
            case GROUPED_BY_COMMAS -> decimal == DecimalMark.POINT ? withoutGroups(cell) : cell;
        };
    }

    /** Returns why a cell cannot be told to be one number, and what to do; none if it can. */
    public Optional<String> doubt(String written) {
        var cell = NumberShape.withoutSpacers(written);
        return switch (NumberShape.of(cell)) {
            case OTHER -> Optional.empty();
            case POINT -> isOther(true) ? other(cell) : Optional.empty();
            case COMMA -> isOther(false) ? other(cell) : Optional.empty();
            case POINT_OR_GROUPS -> isOther(true) && !groups ? either(cell) : Optional.empty();
            case COMMA_OR_GROUPS -> isOther(false) && !groups ? either(cell) : Optional.empty();
            // Without a fraction it may be no number at all: 10.100.200.111 is an address.
            case GROUPED_BY_POINTS ->
                    isOther(false) && cell.indexOf(',') >= 0 ? other(cell) : Optional.empty();
            case GROUPED_BY_COMMAS ->
                    isOther(true) && cell.indexOf('.') >= 0 ? other(cell) : Optional.empty();
        };
    }

    /**
     * Returns the option with which a cell that is no number is one: {@code 1.234.567} could be an
     * address, and is a number only if the comma is decimal.
     */
    public Optional<String> remedy(String cell) {
        var shape = NumberShape.of(cell);
        var grouped =
                switch (decimal) {
                    case POINT -> shape == NumberShape.GROUPED_BY_POINTS;
                    case COMMA -> shape == NumberShape.GROUPED_BY_COMMAS;
                };
        return grouped
                ? Optional.of(
                        "--decimal %s takes it as %s"
                                .formatted(decimal.other(), of(decimal.other()).plain(cell)))
                : Optional.empty();
    }

    /** Tells whether a decimal point, or a decimal comma, is not of this style. */
    private boolean isOther(boolean point) {
        return (decimal == DecimalMark.POINT) != point;
    }

    private Optional<String> other(String cell) {
        var otherwise = of(decimal.other());
        return Optional.of(
                "is not a finite number with a decimal %s%s; --decimal %s takes it as %s"
                        .formatted(
                                decimal,
                                given || decimal == DecimalMark.POINT
                                        ? ""
                                        : ", which other numbers of the table have",
                                otherwise.decimal,
                                otherwise.plain(cell)));
    }

    private Optional<String> either(String cell) {
        return Optional.of(
                "could be %s or %s: give --decimal comma for the first, --decimal point for the second"
                        .formatted(
                                of(DecimalMark.COMMA).plain(cell),
                                of(DecimalMark.POINT).plain(cell)));
    }

    private String withoutGroups(String cell) {
        return cell.replace(Character.toString(decimal.other().character()), "");
    }

    private String withPoint(String cell) {
        return cell.replace(decimal.character(), '.');
    }
}
