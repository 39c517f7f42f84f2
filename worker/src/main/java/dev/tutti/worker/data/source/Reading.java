package dev.tutti.worker.data.source;

import dev.tutti.worker.data.table.CsvHeader;
import dev.tutti.worker.data.text.DecimalMark;
import dev.tutti.worker.data.text.Delimiter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Optional;

/**
 * How a table is written; what is not said is found out.
 *
 * @param header what its first line is
 * @param delimiter what stands between its cells
 * @param decimal what stands before the fraction of its numbers
 * @param encoding of its bytes, unless they begin with a byte-order mark; none for UTF-8
 * @param ignored columns that are left out
 */
public record Reading(
        CsvHeader header,
        Optional<Delimiter> delimiter,
        Optional<DecimalMark> decimal,
        Optional<Charset> encoding,
        List<String> ignored) {
    /** Everything is found out. */
    public static final Reading FOUND_OUT =
            new Reading(
                    CsvHeader.DETECT,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of());

    /** Copies the list. */
    public Reading {
        ignored = List.copyOf(ignored);
    }

    /** Returns this reading with another first line. */
    public Reading withHeader(CsvHeader line) {
        return new Reading(line, delimiter, decimal, encoding, ignored);
    }

    /** Returns this reading with a delimiter. */
    public Reading withDelimiter(Delimiter given) {
        return new Reading(header, Optional.of(given), decimal, encoding, ignored);
    }

    /** Returns this reading with a decimal mark. */
    public Reading withDecimal(DecimalMark given) {
        return new Reading(header, delimiter, Optional.of(given), encoding, ignored);
    }

    /** Returns this reading with an encoding. */
    public Reading withEncoding(Charset given) {
        return new Reading(header, delimiter, decimal, Optional.of(given), ignored);
    }

    /** Returns this reading without some columns. */
    public Reading withIgnored(List<String> columns) {
        return new Reading(header, delimiter, decimal, encoding, columns);
    }
}
