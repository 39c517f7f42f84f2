package dev.tutti.deploy.cli;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Names of columns as the command line has them: with commas between them, and a name that holds a
 * comma in double quotes, as in a CSV file.
 *
 * @param names in the order given
 */
public record ColumnNames(List<String> names) {
    public static final ColumnNames NONE = new ColumnNames(List.of());

    /** Copies the list. */
    public ColumnNames {
        names = List.copyOf(names);
    }

    /** Reads an option's value. */
    public static final class Converter implements ITypeConverter<ColumnNames> {
        @Override
        public ColumnNames convert(String text) {
            return parse(text);
        }
    }

    static ColumnNames parse(String text) {
        try {
            var line =
                    CsvReader.builder()
                            .allowUnclosedQuote(false)
                            .trimWhitespacesAroundQuotes(true)
                            .ofSingleCsvRecord(text);
            var names = line.getFields().stream().map(String::strip).toList();
            if (names.stream().noneMatch(String::isEmpty)) {
                return new ColumnNames(names);
            }
        } catch (CsvParseException _) {
            // Quotes are not in pairs: the same line says what is expected.
        }
        throw new TypeConversionException(
                "'%s' is no list of column names such as a,b or '\"a, b\",c'".formatted(text));
    }

    /** Returns what {@link #parse} reads as these names. */
    @Override
    public String toString() {
        var text = new StringWriter();
        if (!names.isEmpty()) {
            try (var out = CsvWriter.builder().build(text)) {
                out.writeRecord(names);
            } catch (IOException e) {
                throw new UncheckedIOException("a text in memory cannot be written", e);
            }
        }
        return text.toString().strip();
    }
}
