package dev.tutti.deploy.model;

import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.option.TableOptions;
import dev.tutti.worker.data.csv.CsvFile;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.Reading;
import dev.tutti.worker.data.source.TargetKind;

/** Data for a trained model. */
public final class ModelData {
    private ModelData() {}

    /**
     * Returns how the data is read. What the model's training was told of its table's text counts
     * for other tables of text.
     *
     * @param source a name, or a path
     * @param table what the user says of the text
     * @param kind of the targets
     */
    public static DataOptions of(
            ModelCard card, String source, TableOptions table, TargetKind kind) {
        var isText =
                LocalData.sources().kindOf(source).filter(CsvFile.class::isInstance).isPresent();
        return DataOptions.of(source, kind)
                .withReading(table.choose(isText ? card.reading() : Reading.FOUND_OUT))
                .withCoding(card.coding())
                .withSample(card.input());
    }
}
