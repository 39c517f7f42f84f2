package dev.tutti.deploy.model;

import dev.tutti.common.nn.Model;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A trained model as a run left it.
 *
 * @param card what its file says beside the tensors
 * @param model its layers
 * @param weights the flat vector
 */
public record SavedModel(ModelCard card, Model model, MemorySegment weights) {
    private static final String NAME = "model.safetensors";

    /** Reads the model of a run's folder, or a model file itself. */
    public static SavedModel read(Path place) {
        var file = Files.isDirectory(place) ? place.resolve(NAME) : place;
        if (!Files.isRegularFile(file)) {
            throw new UserException(
                    ExitCode.DATA,
                    "no model at %s; expected a run's folder with %s in it".formatted(place, NAME));
        }
        return StartingWeights.load(
                file,
                content -> {
                    var card = ModelCard.of(content.metadata(), file.toString());
                    var model = card.buildModel();
                    return new SavedModel(card, model, StartingWeights.of(content, model));
                });
    }
}
