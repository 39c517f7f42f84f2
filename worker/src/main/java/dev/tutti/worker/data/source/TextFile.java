package dev.tutti.worker.data.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Whether a file is text, by its name or its first bytes. */
public final class TextFile {
    private static final int BYTES = 1 << 12;

    private static final Pattern TABLE_ENDING = table("(\\.gz)?");
    private static final Pattern PACKED_ENDING = table("\\.(zst|xz|bz2|zip)");

    private TextFile() {}

    private static Pattern table(String packing) {
        return Pattern.compile(
                "\\.(csv|tsv|tab|txt|data|dat)" + packing + "$", Pattern.CASE_INSENSITIVE);
    }

    /** Tells whether a name ends as those of tables of text do. */
    public static boolean hasTableEnding(String name) {
        return TABLE_ENDING.matcher(name).find();
    }

    /**
     * Tells whether a name ends as those of tables do that are packed in a form that is not read.
     */
    public static boolean hasPackedEnding(String name) {
        return PACKED_ENDING.matcher(name).find();
    }

    /** Returns a name without the ending of a table. */
    static String withoutTableEnding(String name) {
        return TABLE_ENDING.matcher(name).replaceFirst("");
    }

    /**
     * Tells whether the first bytes of a file are text: none of them is 0, which text never has.
     */
    public static boolean isText(Path path) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (var in = new SourceFile(path).open()) {
            var bytes = in.readNBytes(BYTES);
            for (var value : bytes) {
                if (value == 0) {
                    return false;
                }
            }
            return bytes.length > 0;
        } catch (IOException _) {
            return false;
        }
    }
}
