package dev.tutti.deploy.cli;

import dev.tutti.coordinator.file.Disk;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A file that a command writes for its user: it appears whole or not at all. */
public final class OutputFile {
    private OutputFile() {}

    /**
     * Writes a text, in place of what was there.
     *
     * @throws UserException if that cannot be done; what was there stays
     */
    public static void write(Path file, String text) {
        try {
            Disk.REAL.replace(
                    file, List.of(MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8))));
        } catch (IOException e) {
            throw UserException.of(
                    e,
                    ExitCode.OUTPUT,
                    "cannot write %s: %s; give another --out, or make room"
                            .formatted(file, Reason.of(e, file)));
        }
    }
}
