package dev.tutti.worker.data.text;

import de.siegmar.fastcsv.reader.CloseableIterator;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.Charset;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** The rows of a text with cells, one after the other, and how they are written. */
public final class Rows implements AutoCloseable {
    /** The line of names, which is all that some look at. */
    private static final int READ_HERE = 1;

    private final Optional<Charset> marked;
    private final Separated first;
    private final DelimiterOrigin origin;
    private final int linesBefore;
    private final NumberStyle numbers;
    private final RowFiller filler = new RowFiller();
    private final CloseableIterator<CellRow> records;
    private final boolean manyInFile;
    private Optional<RowsAhead> ahead = Optional.empty();
    private CellRow row = filler.row();
    private int begun; // rows

    /** Who says what stands between cells. */
    public enum DelimiterOrigin {
        /** The user. */
        OPTION,
        /** A first line such as {@code sep=;}. */
        FIRST_LINE,
        /** The first rows. */
        FOUND_OUT
    }

    private Rows(
            Optional<Charset> marked,
            Separated first,
            DelimiterOrigin origin,
            int linesBefore,
            NumberStyle numbers,
            boolean manyInFile,
            Reader text) {
        this.marked = marked;
        this.first = first;
        this.origin = origin;
        this.linesBefore = linesBefore;
        this.numbers = numbers;
        this.manyInFile = manyInFile;
        this.records = Separated.reader(first.delimiter(), text, filler).iterator();
    }

    /**
     * Looks at the first rows of a text, and is before the first.
     *
     * @param text closed by {@link #close}
     * @param delimiter what stands between cells; none to find it out
     * @param decimal what stands before a number's fraction; none to find it out
     * @param inFile whether the text is there already: only then a thread of its own may read it,
     *     since one that waits for input could not be ended
     */
    public static Rows of(
            DecodedText text,
            Optional<Delimiter> delimiter,
            Optional<DecimalMark> decimal,
            boolean inFile)
            throws IOException {
        var head = Head.of(text);
        var first =
                delimiter
                        .or(head::said)
                        .map(given -> Separated.of(head, given))
                        .orElseGet(() -> DelimiterChoice.of(head));
        var numbers = decimal.map(NumberStyle::of).orElseGet(() -> NumberStyle.of(first));
        return new Rows(
                text.marked(),
                first,
                delimiter.isPresent()
                        ? DelimiterOrigin.OPTION
                        : head.said().isPresent()
                                ? DelimiterOrigin.FIRST_LINE
                                : DelimiterOrigin.FOUND_OUT,
                head.linesBefore(),
                numbers,
                inFile && !head.whole(),
                new Continued(head.text(), text));
    }

    /** Returns the encoding that a byte-order mark says, other than UTF-8. */
    public Optional<Charset> marked() {
        return marked;
    }

    /** Returns what stands between cells. */
    public Delimiter delimiter() {
        return first.delimiter();
    }

    /** Tells who says what the delimiter is. */
    public DelimiterOrigin delimiterOrigin() {
        return origin;
    }

    /** Tells whether the rows that were looked at are all there are. */
    public boolean firstAreAll() {
        return first.whole();
    }

    /** Returns how many cells most of the first rows have, without the very first. */
    public int widthOfFirst() {
        return first.width();
    }

    /** Tells whether the very first row has a cell less than most of the first rows. */
    public boolean firstLacksAName() {
        return first.lacksAName();
    }

    /**
     * Returns those of {@code width} columns that are empty in all first rows but the very first.
     */
    public BitSet emptyInFirst(int width) {
        return first.empty(width);
    }

    /** Tells whether a cell of the row holds nothing but white space. */
    public boolean isBlank(int index) {
        return row.isBlank(index);
    }

    /** Returns how numbers are written. */
    public NumberStyle numbers() {
        return numbers;
    }

    /**
     * Goes to the next row; false if there is none.
     *
     * @throws de.siegmar.fastcsv.reader.CsvParseException if quotes are not as they should be
     * @throws java.io.UncheckedIOException if the text cannot be read
     */
    public boolean next() {
        if (ahead.isEmpty() && manyInFile && begun == READ_HERE) {
            ahead = Optional.of(new RowsAhead(records, filler));
        }
        begun = Math.min(READ_HERE, begun + 1);
        if (ahead.isPresent()) {
            return next(ahead.get());
        }
        if (!records.hasNext()) {
            return false;
        }
        row = records.next();
        return true;
    }

    private boolean next(RowsAhead rows) {
        try {
            return rows.next();
        } finally {
            row = rows.row();
        }
    }

    /** Returns the line that the row begins in, counted from 1. */
    public long line() {
        return linesBefore + row.line();
    }

    /** Returns how many cells the row has. */
    public int count() {
        return row.count();
    }

    /** Returns a cell of the row, without white space around it. */
    public String cell(int index) {
        return row.cell(index);
    }

    /**
     * Returns a cell of the row as a number, if it is one that is read fast: NaN says only that its
     * text must be looked at.
     *
     * @param inDoubles whether it is rounded to a double, and not to a float
     */
    public double number(int index, boolean inDoubles) {
        return row.number(index, numbers.decimal().character(), inDoubles);
    }

    /** Returns all cells of the row. */
    public List<String> cells() {
        return row.cells();
    }

    @Override
    public void close() throws IOException {
        if (ahead.isPresent()) {
            ahead.get().close();
        } else {
            records.close();
        }
    }
}
