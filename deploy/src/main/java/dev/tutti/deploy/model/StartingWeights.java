package dev.tutti.deploy.model;

import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.format.StateDict;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.init.Initializer;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.vector.Floats;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.ground.GroundCheck;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;

/** The weights before the first step: drawn from the seed, or read from a file. */
public final class StartingWeights {
    private StartingWeights() {}

    public static MemorySegment draw(Model model, Initializer initializer, long seed) {
        var weights = Floats.allocate(Arena.ofAuto(), model.vectorLength());
        model.initialize(initializer, seed, weights);
        return weights;
    }

    /**
     * Reads all of a model's tensors; one that does not fit is named with both shapes.
     *
     * @param notes is told what was left out of the file
     */
    public static MemorySegment read(Path file, Model model, Consumer<String> notes) {
        return load(
                file,
                content -> {
                    var prefix = StateDict.prefix(model, content.tensors());
                    if (!prefix.isEmpty()) {
                        notes.accept(
                                "%s: left out \"%s\" in front of the names"
                                        .formatted(file, prefix));
                    }
                    return of(content, model);
                });
    }

    /** Returns the weights that a file's tensors are for a model. */
    static MemorySegment of(Safetensors content, Model model) {
        GroundCheck.require(
                "the model",
                MemoryNeed.NONE.plus(
                        "weights", MemoryNeed.times(model.vectorLength(), Floats.BYTES)),
                "take a larger machine");
        var weights = Floats.allocate(Arena.ofAuto(), model.vectorLength());
        StateDict.load(model, content.tensors(), weights);
        return weights;
    }

    /**
     * Reads a safetensors file; every error is one line with its name.
     *
     * @param reading makes something of the content
     */
    static <T> T load(Path file, Function<Safetensors, T> reading) {
        if (!Files.isRegularFile(file)) {
            throw new UserException(ExitCode.DATA, "no safetensors file " + file);
        }
        try (var arena = Arena.ofConfined();
                var channel = FileChannel.open(file)) {
            return reading.apply(
                    Safetensors.read(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena)));
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.DATA, "cannot read %s: %s".formatted(file, Reason.of(e, file)));
        } catch (FormatException e) {
            throw new UserException(ExitCode.DATA, "%s: %s".formatted(file, e.getMessage()));
        }
    }
}
