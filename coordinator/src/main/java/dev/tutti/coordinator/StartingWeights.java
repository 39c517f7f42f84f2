package dev.tutti.coordinator;

import dev.tutti.common.data.DataException;
import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.format.StateDict;
import dev.tutti.common.nn.Model;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/** The weights before the first step: drawn from the seed, or read from a file. */
final class StartingWeights {
    private StartingWeights() {}

    /**
     * Writes the starting weights.
     *
     * @throws DataException if the file cannot be read or does not fit the model
     */
    static void write(RunPlan plan, Model model, MemorySegment out) {
        if (plan.init().isPresent()) {
            read(plan.init().get(), model, out);
        } else {
            model.initialize(plan.initializer(), plan.spec().seed(), out);
        }
    }

    private static void read(Path file, Model model, MemorySegment out) {
        try (var arena = Arena.ofConfined();
                var channel = FileChannel.open(file)) {
            var bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            StateDict.load(model, Safetensors.read(bytes).tensors(), out);
        } catch (IOException e) {
            throw new DataException("cannot read %s: %s".formatted(file, e));
        } catch (FormatException e) {
            throw new DataException("%s: %s".formatted(file, e.getMessage()));
        }
    }
}
