package dev.tutti.deploy.parser;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes inputs that are nearly right, which is where parsers go wrong: some changes to an input
 * that is right, or two of them spliced.
 *
 * @param examples inputs that are right
 */
record Mutations(List<byte[]> examples) {
    private static final int CHANGES_MAX = 6;
    private static final int BYTES_MAX = 1 << 16;

    /** What is special to one parser or another: numbers at the edges, brackets, odd text. */
    private static final List<String> WORDS =
            List.of(
                    "-1",
                    "0",
                    "2147483647",
                    "2147483648",
                    "-2147483648",
                    "9223372036854775807",
                    "99999999999999999999",
                    "1e308",
                    "1e999",
                    "NaN",
                    "Infinity",
                    "-0.0",
                    "0x10",
                    "(",
                    ")",
                    ",",
                    "=",
                    "\"",
                    "'",
                    "\n",
                    "\r\n",
                    "\0",
                    "{",
                    "}",
                    "[",
                    "]",
                    ":",
                    "\\u0000",
                    "\\",
                    "\ufeff",
                    "\u00e9",
                    "\ud83d\ude00",
                    " ",
                    "\t",
                    "${x}",
                    "include \"/etc/passwd\"",
                    "((((((((((",
                    "[[[[[[[[[[",
                    "null",
                    "true");

    /** Returns the next input. */
    byte[] next(SplittableRandom random) {
        var bytes = pick(random).clone();
        for (var i = random.nextInt(CHANGES_MAX); i >= 0; i--) {
            bytes = changed(random, bytes);
        }
        return bytes.length <= BYTES_MAX ? bytes : java.util.Arrays.copyOf(bytes, BYTES_MAX);
    }

    private byte[] changed(SplittableRandom random, byte[] bytes) {
        var at = random.nextInt(bytes.length + 1);
        var to = Math.min(bytes.length, at + random.nextInt(1, 17));
        return switch (random.nextInt(8)) {
            case 0 -> spliced(bytes, at, at, word(random));
            case 1 -> spliced(bytes, at, to, word(random));
            case 2 -> spliced(bytes, at, to, new byte[0]);
            case 3 -> spliced(bytes, at, bytes.length, new byte[0]);
            case 4 -> spliced(bytes, at, at, java.util.Arrays.copyOfRange(bytes, at, to).clone());
            case 5 -> spliced(bytes, at, Math.min(bytes.length, at + 4), edge(random));
            case 6 -> flipped(random, bytes);
            default -> {
                var other = pick(random);
                var from = random.nextInt(other.length + 1);
                yield spliced(
                        bytes,
                        at,
                        bytes.length,
                        java.util.Arrays.copyOfRange(other, from, other.length));
            }
        };
    }

    private byte[] pick(SplittableRandom random) {
        return examples.get(random.nextInt(examples.size()));
    }

    private static byte[] word(SplittableRandom random) {
        var word = WORDS.get(random.nextInt(WORDS.size()));
        return word.repeat(random.nextInt(20) == 0 ? 500 : 1).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] edge(SplittableRandom random) {
        var fill = new byte[] {0, -1, 127, -128, 1}[random.nextInt(5)];
        var edge = new byte[4];
        java.util.Arrays.fill(edge, fill);
        edge[random.nextInt(4)] = (byte) random.nextInt();
        return edge;
    }

    private static byte[] flipped(SplittableRandom random, byte[] bytes) {
        var flipped = bytes.clone();
        if (flipped.length > 0) {
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle) {
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        out.writeBytes(middle);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
