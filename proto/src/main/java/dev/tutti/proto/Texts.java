package dev.tutti.proto;

import dev.tutti.proto.failure.WireException;
import java.util.regex.Pattern;

/**
 * The texts of a peer, before they reach a log, a terminal or a parser: bounded, on one line, and
 * without the characters that steer a terminal.
 */
final class Texts {
    private static final int NAME_CHARACTERS_MAX = 256;
    private static final int REASON_CHARACTERS_MAX = 1_024;
    private static final int PLUG_IN_CHARACTERS_MAX = 1 << 16;
    private static final Pattern STEERING = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private Texts() {}

    /**
     * Returns a name, of which no part may be lost.
     *
     * @throws WireException if it is too long
     */
    static String name(String what, String text) {
        return plain(bounded(what, text, NAME_CHARACTERS_MAX));
    }

    /**
     * Returns a text that a catalogue reads.
     *
     * @throws WireException if it is too long
     */
    static String plugIn(String what, String text) {
        return plain(bounded(what, text, PLUG_IN_CHARACTERS_MAX));
    }

    /** Returns a reason, cut if it is too long: it is only for people. */
    static String reason(String text) {
        return plain(
                text.length() <= REASON_CHARACTERS_MAX
                        ? text
                        : text.substring(0, REASON_CHARACTERS_MAX) + "…");
    }

    /**
     * Returns a SHA-256 in hexadecimal digits; it names a file, so it must not be anything else.
     *
     * @throws WireException if it is none
     */
    static String digest(String text) {
        if (!DIGEST.matcher(text).matches()) {
            throw new WireException(
                    "a digest must be 64 hexadecimal digits, was \"%s\""
                            .formatted(plain(text.substring(0, Math.min(text.length(), 80)))));
        }
        return text;
    }

    private static String bounded(String what, String text, int charactersMax) {
        if (text.length() > charactersMax) {
            throw new WireException(
                    "%s of %d characters; expected at most %d"
                            .formatted(what, text.length(), charactersMax));
        }
        return text;
    }

    private static String plain(String text) {
        return STEERING.matcher(text).replaceAll("?");
    }
}
