package dev.tutti.deploy.option;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.worker.data.source.Reading;
import dev.tutti.worker.data.table.CsvHeader;
import dev.tutti.worker.data.text.DecimalMark;
import dev.tutti.worker.data.text.Delimiter;
import java.nio.charset.Charset;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a table of text is written. */
public final class TableOptions {
    @Option(
            names = "--no-header",
            description = "the table has no line of column names: they are named 1, 2, and so on")
    boolean none;

    @Option(
            names = "--header",
            description = "the table's first line has column names, even if it looks like data")
    boolean names;

    @Option(
            names = "--delimiter",
            paramLabel = "NAME|CHAR",
            description =
                    "separator of the table's cells: comma, semicolon, tab, bar, blanks (runs of them) or any one character; default: detected from the first lines")
    Optional<String> delimiter = Optional.empty();

    @Option(
            names = "--decimal",
            paramLabel = "NAME",
            description =
                    "decimal mark of the table's numbers: comma or point; the other may separate thousands; default: detected from the first lines")
    Optional<DecimalMark> decimal = Optional.empty();

    @Option(
            names = "--encoding",
            paramLabel = "NAME",
            description =
                    "encoding of the table's text, such as latin1, windows-1252 or utf-16le; a byte-order mark takes precedence; default: UTF-8")
    Optional<String> encoding = Optional.empty();

    /**
     * Returns how a table is written.
     *
     * @param otherwise where the user says nothing
     */
    public Reading choose(Reading otherwise) {
        Require.that(!none || !names, "--header and --no-header are both given: leave one out");
        var reading = otherwise;
        if (none) {
            reading = reading.withHeader(CsvHeader.NONE);
        }
        if (names) {
            reading = reading.withHeader(CsvHeader.NAMES);
        }
        if (delimiter.isPresent()) {
            reading = reading.withDelimiter(delimiter(delimiter.get()));
        }
        if (decimal.isPresent()) {
            reading = reading.withDecimal(decimal.get());
        }
        return encoding.isPresent() ? reading.withEncoding(encoding(encoding.get())) : reading;
    }

    private static Charset encoding(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException _) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--encoding must be the name of an encoding such as utf-8, latin1, windows-1252 or utf-16le, was \"%s\""
                            .formatted(name));
        }
    }

    private static Delimiter delimiter(String text) {
        try {
            return Delimiter.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--delimiter must be comma, semicolon, tab, bar, blanks or one character that no cell has outside quotes, was \"%s\": %s"
                            .formatted(text, e.getMessage()));
        }
    }
}
