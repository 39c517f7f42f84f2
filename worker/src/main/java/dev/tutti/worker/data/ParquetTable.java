package dev.tutti.worker.data;

import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnSchema;
import dev.tutti.common.data.DataException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.DoubleStream;

/** The columns of a Parquet file by their names. */
final class ParquetTable {
    private static final Set<CompressionCodec> CODECS =
            Set.of(
                    CompressionCodec.UNCOMPRESSED,
                    CompressionCodec.SNAPPY,
                    CompressionCodec.GZIP,
                    CompressionCodec.ZSTD);

    /** Left to itself the reader takes more memory for its batches than the file has. */
    private static final int BATCH_ROWS = 1 << 13;

    private final ParquetFileReader reader;
    private final Duration patience;

    /**
     * Wraps an open file.
     *
     * @param patience for each batch of a column: at some damage the reader looks for a page for
     *     ever
     */
    ParquetTable(ParquetFileReader reader, Duration patience) {
        this.reader = reader;
        this.patience = patience;
    }

    /** Takes a number of a column. */
    @FunctionalInterface
    interface Sink {
        void take(int row, double value);
    }

    /** Takes a batch of a column. */
    @FunctionalInterface
    private interface Batches {
        void take(ColumnReader batch, int firstRow);
    }

    /** Refuses a file that is packed by a program that does not come along. */
    void requireReadable() {
        for (var group : reader.getFileMetaData().rowGroups()) {
            for (var chunk : group.columns()) {
                var codec = chunk.metaData().codec();
                if (!CODECS.contains(codec)) {
                    throw new DataException(
                            "it is packed with %s, expected SNAPPY, GZIP, ZSTD or none: write it with compression=\"snappy\""
                                    .formatted(codec));
                }
            }
        }
    }

    /** Returns the number of rows that the file announces. */
    long rows() {
        return reader.getFileMetaData().numRows();
    }

    /** Returns the names of all columns; one inside another has a dot. */
    List<String> names() {
        return reader.getFileSchema().getColumns().stream().map(ParquetTable::name).toList();
    }

    private static String name(ColumnSchema column) {
        return String.join(".", column.fieldPath().elements());
    }

    private ColumnSchema column(String name) {
        return reader.getFileSchema().getColumns().stream()
                .filter(column -> name(column).equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new DataException(
                                "it has no column \"%s\"; it has %s"
                                        .formatted(name, String.join(", ", names()))));
    }

    /** Refuses a name that no column has. */
    void require(String name) {
        column(name);
    }

    /** Tells whether a column holds text. */
    boolean holdsWords(String name) {
        var column = column(name);
        return column.type() == PhysicalType.BYTE_ARRAY
                && column.maxRepetitionLevel() == 0
                && (column.logicalType() == null
                        || column.logicalType() instanceof LogicalType.StringType
                        || column.logicalType() instanceof LogicalType.EnumType);
    }

    /** Returns all words of a column. */
    List<String> words(String name) {
        var words = new ArrayList<String>();
        readBatches(
                column(name),
                (batch, _) -> {
                    var texts = batch.getStrings();
                    for (var i = 0; i < batch.getRecordCount(); i++) {
                        words.add(texts[i]);
                    }
                });
        return words;
    }

    /** Returns all numbers of a column. */
    double[] numbers(String name) {
        var numbers = DoubleStream.builder();
        read(name, (_, value) -> numbers.add(value));
        return numbers.build().toArray();
    }

    /**
     * Reads all numbers of a column.
     *
     * @throws DataException if it holds no numbers, or one is missing
     */
    void read(String name, Sink sink) {
        var column = column(name);
        requireNumbers(name, column);
        var scale =
                column.logicalType() instanceof LogicalType.DecimalType decimal
                        ? StrictMath.pow(10, decimal.scale())
                        : 1;
        var unsigned = column.logicalType() instanceof LogicalType.IntType type && !type.isSigned();
        readBatches(
                column,
                (batch, firstRow) -> {
                    for (var i = 0; i < batch.getRecordCount(); i++) {
                        sink.take(firstRow + i, number(batch, column.type(), unsigned, i) / scale);
                    }
                });
    }

    private static void requireNumbers(String name, ColumnSchema column) {
        var logical = column.logicalType();
        var plain =
                logical == null
                        || logical instanceof LogicalType.IntType
                        || logical instanceof LogicalType.DecimalType;
        var numeric =
                switch (column.type()) {
                    case BOOLEAN, INT32, INT64, FLOAT, DOUBLE -> plain;
                    case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> false;
                };
        if (!numeric || column.maxRepetitionLevel() > 0) {
            throw new DataException(
                    "column %s is %s, expected numbers: make numbers of it, or leave it out with --features"
                            .formatted(name, column));
        }
    }

    private static double number(ColumnReader batch, PhysicalType type, boolean unsigned, int i) {
        return switch (type) {
            case BOOLEAN -> batch.getBooleans()[i] ? 1 : 0;
            case INT32 ->
                    unsigned ? Integer.toUnsignedLong(batch.getInts()[i]) : batch.getInts()[i];
            case INT64 -> batch.getLongs()[i];
            case FLOAT -> batch.getFloats()[i];
            case DOUBLE -> batch.getDoubles()[i];
            case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> throw new AssertionError(type);
        };
    }

    private boolean nextBatch(ColumnSchema column, ColumnReader in) {
        var late = new AtomicBoolean();
        var end =
                CompletableFuture.runAsync(
                        () -> {
                            late.set(true);
                            in.close();
                        },
                        CompletableFuture.delayedExecutor(
                                patience.toMillis(), TimeUnit.MILLISECONDS));
        try {
            if (in.nextBatch()) {
                return true;
            }
        } finally {
            end.cancel(false);
        }
        if (late.get()) {
            throw new DataException(
                    "nothing came of column %s for %d s: it is damaged"
                            .formatted(name(column), patience.toSeconds()));
        }
        return false;
    }

    private void readBatches(ColumnSchema column, Batches sink) {
        var columns = reader.buildColumnReader(column.columnIndex());
        try (var in = columns.batchSize(BATCH_ROWS).build()) {
            var row = 0;
            while (nextBatch(column, in)) {
                var missing = in.getLeafValidity().nextNull(0, in.getRecordCount());
                if (missing >= 0 && missing < in.getRecordCount()) {
                    throw new DataException(
                            "column %s, row %d is missing: fill it, such as with pandas.DataFrame.fillna, or leave the column out with --features"
                                    .formatted(name(column), row + missing + 1));
                }
                sink.take(in, row);
                row = Math.addExact(row, in.getRecordCount());
            }
        }
    }
}
