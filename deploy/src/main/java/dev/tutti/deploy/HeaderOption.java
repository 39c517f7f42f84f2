package dev.tutti.deploy;

import dev.tutti.worker.data.CsvHeader;
import picocli.CommandLine.Option;

/** What the first line of a CSV file is. */
final class HeaderOption {
    @Option(
            names = "--no-header",
            description =
                    "the CSV file has no line of column names: its columns are named 1, 2, and so on")
    boolean none;

    @Option(
            names = "--header",
            description = "the CSV file's first line has column names, even if it looks like data")
    boolean names;

    /**
     * Returns what the first line is.
     *
     * @param otherwise if the user says nothing
     */
    CsvHeader choose(CsvHeader otherwise) {
        PreparedRun.require(
                !none || !names, "--header and --no-header are both given: leave one out");
        if (none) {
            return CsvHeader.NONE;
        }
        return names ? CsvHeader.NAMES : otherwise;
    }
}
