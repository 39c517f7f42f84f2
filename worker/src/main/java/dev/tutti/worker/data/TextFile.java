package dev.tutti.worker.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a file is text. */
final class TextFile {
    private static final int BYTES = 1 << 12;

    private TextFile() {}

    /**
     * Tells whether the first bytes of a file are text: none of them is 0, which text never has.
     */
    static boolean isText(Path path) {
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
