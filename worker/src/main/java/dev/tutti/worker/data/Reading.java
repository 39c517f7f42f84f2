package dev.tutti.worker.data;

import dev.tutti.worker.data.text.Delimiter;
import java.util.Optional;

/**
 * How a table is written; what is not said is found out.
 *
 * @param header what its first line is
 * @param delimiter what stands between its cells
 */
public record Reading(CsvHeader header, Optional<Delimiter> delimiter) {
    /** Everything is found out. */
    public static final Reading FOUND_OUT = new Reading(CsvHeader.DETECT, Optional.empty());

    /** Returns this reading with another first line. */
    public Reading withHeader(CsvHeader line) {
        return new Reading(line, delimiter);
    }

    /** Returns this reading with a delimiter. */
    public Reading withDelimiter(Delimiter given) {
        return new Reading(header, Optional.of(given));
    }
}
