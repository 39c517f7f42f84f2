package dev.tutti.worker.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** How a file is packed that Tutti does not unpack, and what its user can do. */
public enum Packing {
    ZSTD("28b52ffd", "it is packed with zstd: unpack it with zstd -d"),
    XZ("fd377a585a00", "it is packed with xz: unpack it with xz -d"),
    BZIP2("425a68", "it is packed with bzip2: unpack it with bzip2 -d"),
    ZIP("504b0304", "it is a zip archive or a spreadsheet: unpack it, or save the table as CSV");

    private static final int BYTES_MAX = 8;

    private final String first;
    private final String advice;

    Packing(String first, String advice) {
        this.first = first;
        this.advice = advice;
    }

    /** Returns what the first bytes of a file say. */
    public static Optional<Packing> of(SourceFile file) throws IOException {
        try (InputStream in = file.open()) {
            var bytes = HexFormat.of().formatHex(in.readNBytes(BYTES_MAX));
            return Arrays.stream(values())
                    .filter(packing -> bytes.startsWith(packing.first))
                    .findFirst();
        }
    }

    /** Returns what was found, and what to do. */
    public String advice() {
        return advice;
    }
}
