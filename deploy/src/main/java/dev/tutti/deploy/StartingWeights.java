package dev.tutti.deploy;

import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.format.StateDict;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Initializer;
import dev.tutti.common.nn.Model;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/** The weights before the first step: drawn from the seed, or read from a file. */
final class StartingWeights {
    private StartingWeights() {}

    static MemorySegment draw(Model model, Initializer initializer, long seed) {
        var weights = Floats.allocate(Arena.ofAuto(), model.vectorLength());
        model.initialize(initializer, seed, weights);
        return weights;
    }

    /** Reads all of a model's tensors; one that does not fit is named with both shapes. */
    static MemorySegment read(Path file, Model model) {
        var weights = Floats.allocate(Arena.ofAuto(), model.vectorLength());
        load(file, content -> StateDict.load(model, content.tensors(), weights));
        return weights;
    }

    /** What is done with a file's content while it is in memory. */
    interface Reading {
        void accept(Safetensors content);
    }

    /** Reads a safetensors file; whatever is wrong with it is one line with its name. */
    static void load(Path file, Reading reading) {
        if (!Files.isRegularFile(file)) {
            throw new UserException(ExitCode.DATA, "no safetensors file " + file);
        }
        try (var arena = Arena.ofConfined();
                var channel = FileChannel.open(file)) {
            reading.accept(
                    Safetensors.read(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena)));
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.DATA, "cannot read %s: %s".formatted(file, e.getMessage()));
        } catch (FormatException e) {
            throw new UserException(ExitCode.DATA, "%s: %s".formatted(file, e.getMessage()));
        }
    }
}
