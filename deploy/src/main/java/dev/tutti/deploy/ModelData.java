package dev.tutti.deploy;

import dev.tutti.worker.data.CsvFile;
import dev.tutti.worker.data.DataOptions;
import dev.tutti.worker.data.Reading;
import dev.tutti.worker.data.TargetKind;

/** Data for a trained model. */
final class ModelData {
    private ModelData() {}

    /**
     * Returns how the data is read. What the model's training was told of its table's text counts
     * for other tables of text.
     *
     * @param source a name, or a path
     * @param table what the user says of the text
     * @param kind of the targets
     */
    static DataOptions of(ModelCard card, String source, TableOptions table, TargetKind kind) {
        var isText =
                Sources.standard().kindOf(source).filter(CsvFile.class::isInstance).isPresent();
        return DataOptions.of(source, kind)
                .withReading(table.choose(isText ? card.reading() : Reading.FOUND_OUT))
                .withCoding(card.coding())
                .withSample(card.input());
    }
}
