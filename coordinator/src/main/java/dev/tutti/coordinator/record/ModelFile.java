package dev.tutti.coordinator.record;

import dev.tutti.common.format.Safetensors;
import dev.tutti.common.format.StateDict;
import dev.tutti.common.nn.Model;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code model.safetensors}: the trained weights, and in its metadata all that using them takes.
 */
public final class ModelFile {
    public static final String NAME = "model.safetensors";

    private ModelFile() {}

    /** Returns the file's content, which reads the weights when it is written. */
    public static List<MemorySegment> content(
            Model model, MemorySegment weights, Map<String, String> metadata, String digest) {
        var described = new TreeMap<>(metadata);
        described.put("digest", digest);
        return new Safetensors(StateDict.of(model, weights), described).segments();
    }
}
