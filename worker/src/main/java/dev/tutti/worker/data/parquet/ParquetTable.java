package dev.tutti.worker.data.parquet;

import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnSchema;
import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.TargetRule;
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

    /** Takes a number of a column; NaN if it is missing. */
    @FunctionalInterface
    interface Sink {
        void take(int row, double value);
    }

    /** Takes a word of a column; an empty one if it is missing. */
    @FunctionalInterface
    interface WordSink {
        void take(int row, String word);
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

    /** Returns the rows that a column has, which may differ from what the file announces. */
    int count(String name) {
        return readBatches(column(name), Integer.MAX_VALUE, (_, _) -> {});
    }

    /** Returns all words of a column; missing ones are empty. */
    List<String> words(String name) {
        var words = new ArrayList<String>();
        readWords(name, (_, word) -> words.add(word));
        return words;
    }

    /** Returns all numbers of a column; missing ones are NaN. */
    double[] numbers(String name) {
        var numbers = DoubleStream.builder();
        readNumbers(name, (_, value) -> numbers.add(value));
        return numbers.build().toArray();
    }

    /**
     * Reads all words of a column.
     *
     * @return the rows that there are
     */
    int readWords(String name, WordSink sink) {
        return readBatches(
                column(name),
                Integer.MAX_VALUE,
                (batch, firstRow) -> {
                    var texts = batch.getStrings();
                    for (var i = 0; i < batch.getRecordCount(); i++) {
                        var missing = batch.getLeafValidity().isNull(i);
                        sink.take(firstRow + i, missing ? "" : texts[i]);
                    }
                });
    }

    /**
     * Reads all numbers of a column.
     *
     * @return the rows that there are
     * @throws DataException if it holds no numbers
     */
    int readNumbers(String name, Sink sink) {
        var column = column(name);
        requireNumbers(name, column);
        return readBatches(
                column,
                Integer.MAX_VALUE,
                (batch, firstRow) -> {
                    for (var i = 0; i < batch.getRecordCount(); i++) {
                        sink.take(firstRow + i, number(batch, column, i));
                    }
                });
    }

    /**
     * Returns the first cells of a column as texts that read back as the same; missing ones are
     * empty.
     *
     * @throws DataException if it holds neither numbers nor words
     */
    List<String> texts(String name, int rowsMax) {
        var column = column(name);
        var words = holdsWords(name);
        if (!words) {
            requireNumbers(name, column);
        }
        var texts = new ArrayList<String>();
        readBatches(
                column,
                rowsMax,
                (batch, _) -> {
                    for (var i = 0; i < batch.getRecordCount() && texts.size() < rowsMax; i++) {
                        if (batch.getLeafValidity().isNull(i)) {
                            texts.add("");
                        } else if (words) {
                            texts.add(batch.getStrings()[i]);
                        } else {
                            texts.add(text(batch, column, i));
                        }
                    }
                });
        return texts;
    }

    private static String text(ColumnReader batch, ColumnSchema column, int i) {
        if (column.type() == PhysicalType.INT64 && column.logicalType() == null) {
            return Long.toString(batch.getLongs()[i]);
        }
        var number = number(batch, column, i);
        if (TargetRule.isWhole(number)) {
            return Long.toString((long) number);
        }
        return column.type() == PhysicalType.FLOAT
                ? Float.toString((float) number)
                : Double.toString(number);
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
                    "column %s is %s, expected numbers or words: %s, or leave it out with --ignore %s"
                            .formatted(name, kind(column), advice(name, column), name));
        }
    }

    private static String kind(ColumnSchema column) {
        if (column.maxRepetitionLevel() > 0) {
            return "lists";
        }
        return switch (column.logicalType()) {
            case LogicalType.DateType _ -> "dates";
            case LogicalType.TimestampType _ -> "dates with times";
            case LogicalType.TimeType _ -> "times";
            case null, default -> String.valueOf(column);
        };
    }

    private static String advice(String name, ColumnSchema column) {
        var dates =
                column.maxRepetitionLevel() == 0
                        && (column.logicalType() instanceof LogicalType.DateType
                                || column.logicalType() instanceof LogicalType.TimestampType);
        return dates
                ? "make numbers of it, such as days: (pandas.to_datetime(df[\"%s\"]) - pandas.Timestamp(\"2000-01-01\")).dt.days"
                        .formatted(name)
                : "make numbers of it";
    }

    /** Returns a number of a batch; NaN if it is missing. */
    private static double number(ColumnReader batch, ColumnSchema column, int i) {
        if (batch.getLeafValidity().isNull(i)) {
            return Double.NaN;
        }
        var scale =
                column.logicalType() instanceof LogicalType.DecimalType decimal
                        ? StrictMath.pow(10, decimal.scale())
                        : 1;
        var unsigned = column.logicalType() instanceof LogicalType.IntType type && !type.isSigned();
        return stored(batch, column.type(), unsigned, i) / scale;
    }

    private static double stored(ColumnReader batch, PhysicalType type, boolean unsigned, int i) {
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

    /** Returns the rows that were read: those of whole batches, at least as many as are wanted. */
    private int readBatches(ColumnSchema column, int rowsMax, Batches sink) {
        var columns = reader.buildColumnReader(column.columnIndex());
        try (var in = columns.batchSize(BATCH_ROWS).build()) {
            var row = 0;
            while (row < rowsMax && nextBatch(column, in)) {
                sink.take(in, row);
                row = Math.addExact(row, in.getRecordCount());
            }
            return row;
        }
    }
}
