package dev.tutti.worker.data.text;

import java.util.regex.Pattern;

/** How a number with commas or points is written. */
enum NumberShape {
    /** No number, or one without commas and points. */
    OTHER,
    /** One point with other than three digits after it, or zeros before it: {@code 5.1}. */
    POINT,
    /** One comma likewise, {@code 5,1}. */
    COMMA,
    /** A point that may divide thousands: {@code 1.234}. */
    POINT_OR_GROUPS,
    /** A comma that may divide thousands: {@code 1,234}. */
    COMMA_OR_GROUPS,
    /** Points that divide thousands, and perhaps a decimal comma: {@code 1.234,5}. */
    GROUPED_BY_POINTS,
    /** Commas that divide thousands, and perhaps a decimal point: {@code 1,234.5}. */
    GROUPED_BY_COMMAS;

    private static final int CHARACTERS_MAX = 100;

    /** A sign, three digits, and what follows them. */
    private static final int GROUP_END_MAX = 5;

    /** A blank, three that break no line, and two apostrophes: they never stand in a fraction. */
    private static final String SPACERS = " \u00A0\u2009\u202F'\u2019";

    private static final Pattern SPACED =
            Pattern.compile(
                    "[+-]?[1-9][0-9]{0,2}([%s])[0-9]{3}(\\1[0-9]{3})*([.,][0-9]*)?"
                            .formatted(SPACERS));
    private static final Pattern POINTS = groups("\\.", ",");
    private static final Pattern COMMAS = groups(",", "\\.");
    private static final Pattern ONE_GROUP = Pattern.compile("[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}");
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?([0-9]+[.,][0-9]*|[.,][0-9]+)([eE][+-]?[0-9]+)?");

    /** Returns the shape of a cell. */
    static NumberShape of(String cell) {
        var point = cell.indexOf('.') >= 0;
        if ((!point && cell.indexOf(',') < 0) || cell.length() > CHARACTERS_MAX) {
            return OTHER;
        }
        if (NUMBER.matcher(cell).matches()) {
            if (ONE_GROUP.matcher(cell).matches()) {
                return point ? POINT_OR_GROUPS : COMMA_OR_GROUPS;
            }
            return point ? POINT : COMMA;
        }
        if (POINTS.matcher(cell).matches()) {
            return GROUPED_BY_POINTS;
        }
        return COMMAS.matcher(cell).matches() ? GROUPED_BY_COMMAS : OTHER;
    }

    /**
     * Returns a number without the blanks or apostrophes that divide its thousands, {@code 1 234,5}
     * as {@code 1234,5}; other cells as they are.
     */
    static String withoutSpacers(String cell) {
        if (cell.length() > CHARACTERS_MAX || !hasSpacer(cell) || !SPACED.matcher(cell).matches()) {
            return cell;
        }
        var plain = new StringBuilder();
        cell.chars()
                .filter(character -> SPACERS.indexOf(character) < 0)
                .forEach(character -> plain.append((char) character));
        return plain.toString();
    }

    /** Looks at the places only where the first group of a number may end. */
    private static boolean hasSpacer(String cell) {
        for (var i = 1; i < Math.min(GROUP_END_MAX, cell.length()); i++) {
            if (SPACERS.indexOf(cell.charAt(i)) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether the number has a comma, decimal or between thousands. */
    boolean hasComma() {
        return switch (this) {
            case OTHER, POINT, POINT_OR_GROUPS -> false;
            case COMMA, COMMA_OR_GROUPS, GROUPED_BY_POINTS, GROUPED_BY_COMMAS -> true;
        };
    }

    /** Two groups at least, or one and a fraction. */
    private static Pattern groups(String group, String decimal) {
        return Pattern.compile(
                "[+-]?[1-9][0-9]{0,2}((%1$s[0-9]{3}){2,}(%2$s[0-9]*)?|(%1$s[0-9]{3})%2$s[0-9]*)"
                        .formatted(group, decimal));
    }
}
