package dev.tutti.coordinator;

import dev.tutti.common.format.Safetensors;
import dev.tutti.common.format.StateDict;
import dev.tutti.common.nn.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code model.safetensors}: the trained weights, and in its metadata all that using them takes.
 */
final class ModelFile {
    static final String NAME = "model.safetensors";

    private ModelFile() {}

    /** Writes the file whole or not at all. */
    static void write(
            RunFiles files,
            Model model,
            MemorySegment weights,
            Map<String, String> metadata,
            String digest) {
        var described = new TreeMap<>(metadata);
        described.put("digest", digest);
        var content = new Safetensors(StateDict.of(model, weights), described);
        try {
            files.write(NAME, content.stretches());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
