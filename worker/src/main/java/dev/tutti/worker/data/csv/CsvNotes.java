package dev.tutti.worker.data.csv;

import dev.tutti.common.coding.MissingRule;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.target.UnseenCategories;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the user is told of a table's words and missing values: a few lines of bounded length. */
public final class CsvNotes {
    private static final int NAMED_MAX = 6;
    private static final int NAME_CHARACTERS_MAX = 30;

    private final Coding coding;
    private final CsvColumns columns;
    private final int[] missing;
    private final int dropped;
    private final int rows;
    private final UnseenCategories unseen;
    private long unseenHere;

    /**
     * Makes the notes of a table.
     *
     * @param missing missing cells of each column; none if the coding was known
     * @param dropped rows that are left out
     * @param rows of the table
     * @param unseen categories that a known coding does not have
     */
    public CsvNotes(
            Coding coding,
            CsvColumns columns,
            int[] missing,
            int dropped,
            int rows,
            UnseenCategories unseen) {
        this.coding = coding;
        this.columns = columns;
        this.missing = missing.clone();
        this.dropped = dropped;
        this.rows = rows;
        this.unseen = unseen;
    }

    /** Counts a cell whose category no training row has. */
    void addUnseen() {
        unseenHere++;
    }

    /** Returns how many cells are missing. */
    long missing() {
        return IntStream.of(missing).asLongStream().sum();
    }

    List<String> lines() {
        var lines = new ArrayList<String>();
        var words =
                IntStream.range(0, columns.count())
                        .filter(i -> !columns.words(i).isEmpty())
                        .mapToObj(i -> "%s %d".formatted(name(i), columns.words(i).size()))
                        .toList();
        if (!words.isEmpty()) {
            lines.add(
                    "columns of words and their categories, %s: %s"
                            .formatted(
                                    coding.indices()
                                            ? "as numbers from 0"
                                            : "one input for each category",
                                    listed(words)));
        }
        if (dropped > 0) {
            lines.add(
                    "%d of %d rows are left out, since they have a missing value"
                            .formatted(dropped, rows));
        }
        filled(lines);
        if (unseenHere > 0) {
            lines.add(
                    "%d cells hold a category that no training sample has; they count as none"
                            .formatted(unseenHere));
        }
        unseen.note().ifPresent(lines::add);
        return lines;
    }

    private void filled(List<String> out) {
        if (missing() == 0 || !coding.missing().fills()) {
            return;
        }
        var named =
                IntStream.range(0, missing.length)
                        .filter(i -> missing[i] > 0)
                        .mapToObj(i -> "%s %d".formatted(name(i), missing[i]))
                        .toList();
        out.add(
                "%d missing cells are filled with %s: %s"
                        .formatted(missing(), filling(coding.missing()), listed(named)));
    }

    private static String filling(MissingRule rule) {
        return switch (rule) {
            case MEAN -> "the mean of the training samples (words: the most frequent one)";
            case MEDIAN -> "the median of the training samples (words: the most frequent one)";
            case CLASS -> "the mean of the training samples (words: a category for missing values)";
            case REFUSE, DROP -> "nothing";
        };
    }

    private String name(int column) {
        var name = columns.names().get(column);
        return name.length() <= NAME_CHARACTERS_MAX
                ? name
                : name.substring(0, NAME_CHARACTERS_MAX) + "…";
    }

    private static String listed(List<String> parts) {
        var shown = parts.stream().limit(NAMED_MAX).collect(Collectors.joining(", "));
        return parts.size() <= NAMED_MAX
                ? shown
                : "%s and %d more columns".formatted(shown, parts.size() - NAMED_MAX);
    }
}
