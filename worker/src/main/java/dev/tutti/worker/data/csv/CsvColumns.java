package dev.tutti.worker.data.csv;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The feature columns of a table.
 *
 * @param file what refusals call the table
 * @param names of the columns
 * @param words the different words of each column, by their number; none of a column of numbers, or
 *     where the coding is known
 */
public record CsvColumns(String file, List<String> names, List<List<String>> words) {
    /** Copies the lists. */
    public CsvColumns {
        names = List.copyOf(names);
        words = List.copyOf(words);
    }

    int count() {
        return names.size();
    }

    /** Returns the places of the columns of words. */
    int[] ofWords() {
        return IntStream.range(0, words.size()).filter(i -> !words.get(i).isEmpty()).toArray();
    }

    /** Returns the words of a column. */
    List<String> words(int column) {
        return words.isEmpty() ? List.of() : words.get(column);
    }
}
