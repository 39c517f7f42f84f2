package dev.tutti.deploy;

import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.format.StateDict;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Model;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A trained model as a run left it.
 *
 * @param card what its file says beside the tensors
 * @param model its layers
 * @param weights the flat vector
 */
record SavedModel(ModelCard card, Model model, MemorySegment weights) {
    private static final String NAME = "model.safetensors";

    /** Reads the model of a run's folder, or a model file itself. */
    static SavedModel read(Path place) {
        var file = Files.isDirectory(place) ? place.resolve(NAME) : place;
        if (!Files.isRegularFile(file)) {
            throw new UserException(
                    ExitCode.DATA,
                    "no model at %s; expected a run's folder with %s in it".formatted(place, NAME));
        }
        try (var arena = Arena.ofConfined();
                var channel = FileChannel.open(file)) {
            var content =
                    Safetensors.read(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
            var card = ModelCard.of(content.metadata(), file.toString());
            var model = card.buildModel();
            var weights = Floats.allocate(Arena.ofAuto(), model.vectorLength());
            StateDict.load(model, content.tensors(), weights);
            return new SavedModel(card, model, weights);
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.DATA, "cannot read %s: %s".formatted(file, e.getMessage()));
        } catch (FormatException e) {
            throw new UserException(ExitCode.DATA, "%s: %s".formatted(file, e.getMessage()));
        }
    }
}
