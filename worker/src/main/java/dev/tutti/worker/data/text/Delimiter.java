package dev.tutti.worker.data.text;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What stands between two cells of a line.
 *
 * @param character one, or a blank for any run of blanks and tabs
 */
public record Delimiter(char character) {
    /** RFC 4180. */
    public static final Delimiter COMMA = new Delimiter(',');

    /** Spreadsheets where a comma is the decimal separator. */
    public static final Delimiter SEMICOLON = new Delimiter(';');

    /** Tab-separated values (IANA text/tab-separated-values). */
    public static final Delimiter TAB = new Delimiter('\t');

    /** A vertical bar. */
    public static final Delimiter BAR = new Delimiter('|');

    /** Runs of blanks and tabs, as columns of fixed width have them. */
    public static final Delimiter BLANKS = new Delimiter(' ');

    /** Those that are found out, in the order in which they are tried. */
    static final List<Delimiter> FOUND_OUT = List.of(COMMA, TAB, SEMICOLON, BAR, BLANKS);

    private static final Map<String, Delimiter> NAMES =
            Map.of(
                    "comma", COMMA,
                    "semicolon", SEMICOLON,
                    "tab", TAB,
                    "\\t", TAB,
                    "bar", BAR,
                    "blanks", BLANKS);

    /** Besides letters and digits. */
    private static final String NONE = "\"\r\n.+-";

    /** Refuses a character that cells are made of. */
    public Delimiter {
        if (NONE.indexOf(character) >= 0 || Character.isLetterOrDigit(character)) {
            throw new IllegalArgumentException("cells are made of it");
        }
    }

    /**
     * Returns the delimiter of a name or a character.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Delimiter parse(String text) {
        var named = NAMES.get(text.toLowerCase(Locale.ROOT));
        if (named != null) {
            return named;
        }
        if (text.length() != 1) {
            throw new IllegalArgumentException("it is no name and not one character");
        }
        return new Delimiter(text.charAt(0));
    }

    /** Returns the name or the character. */
    @Override
    public String toString() {
        return switch (character) {
            case ',' -> "comma";
            case ';' -> "semicolon";
            case '\t' -> "tab";
            case '|' -> "bar";
            case ' ' -> "blanks";
            default -> Character.toString(character);
        };
    }

    /** Returns what there are between cells, for a sentence. */
    public String plural() {
        return switch (character) {
            case ' ' -> "blanks";
            case ',', ';', '\t', '|' -> this + "s";
            default -> "\"%s\"".formatted(character);
        };
    }
}
