package dev.tutti.proto.access;

import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A secret that the members of a run share. It proves membership, and encrypts nothing: on a
 * network it needs TLS beneath.
 */
public final class RunToken {
    private static final int CHARACTERS_MIN = 8;
    private static final int CHARACTERS_MAX = 1024;
    private static final int RANDOM_BYTES = 16;

    private final String text;

    /**
     * Makes a token.
     *
     * @throws AccessException if it is too short, too long, or not of printable ASCII characters
     */
    public RunToken(String text) {
        if (text.length() < CHARACTERS_MIN || text.length() > CHARACTERS_MAX) {
            throw new AccessException(
                    "a run token must have %d to %d characters, has %d"
                            .formatted(CHARACTERS_MIN, CHARACTERS_MAX, text.length()));
        }
        if (!text.chars().allMatch(character -> character > ' ' && character < 127)) {
            throw new AccessException(
                    "a run token must be of printable ASCII characters without spaces");
        }
        this.text = text;
    }

    /** Returns a token that nobody can guess. */
    public static RunToken random() {
        var bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return new RunToken(HexFormat.of().formatHex(bytes));
    }

    /**
     * Reads a token from a file; spaces and line ends around it do not count.
     *
     * @throws AccessException if there is no such file, or no token in it
     */
    public static RunToken read(Path file) {
        try {
            if (Files.size(file) > 2 * CHARACTERS_MAX) {
                throw new AccessException("%s is too large for a run token".formatted(file));
            }
            return new RunToken(Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (IOException e) {
            throw new AccessException(
                    "cannot read the run token from %s: %s".formatted(file, Reason.of(e, file)));
        }
    }

    /** Tells whether a peer's token is this one, in a time that does not tell how much fits. */
    boolean equalsInConstantTime(String other) {
        return MessageDigest.isEqual(digest(text), digest(other));
    }

    /** Returns the secret itself, to be passed on to members. */
    public String secret() {
        return text;
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
        return "run token";
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
