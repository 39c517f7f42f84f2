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
