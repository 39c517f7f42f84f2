package dev.tutti.deploy.option;

import dev.tutti.deploy.cli.ColumnNames;
import dev.tutti.worker.data.source.DataOptions;
import picocli.CommandLine.Option;

/** Which columns of a table go into a model. */
public final class ColumnOptions {
    @Option(
            names = "--features",
            paramLabel = "COL",
            converter = ColumnNames.Converter.class,
            description =
                    "columns of a table that go into the model, in this order, written as --targets is; default: all but the targets")
    ColumnNames features = ColumnNames.NONE;

    @Option(
            names = "--ignore",
            paramLabel = "COL",
            converter = ColumnNames.Converter.class,
            description = "columns of a table to leave out, written as --targets is")
    ColumnNames ignore = ColumnNames.NONE;

    /** Returns how data is read with the choice of columns. */
    public DataOptions choose(DataOptions data) {
        return data.withFeatures(features.names())
                .withReading(data.reading().withIgnored(ignore.names()));
    }
}
