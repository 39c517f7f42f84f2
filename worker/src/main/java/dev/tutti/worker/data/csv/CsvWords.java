package dev.tutti.worker.data.csv;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The different words of a column, numbered as they come. */
public final class CsvWords {
    private static final int DIFFERENT_MIN = 10;

    private final int filled;
    private final List<String> words = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    /** Makes an empty list for a column of so many filled cells. */
    public CsvWords(int filled) {
        this.filled = filled;
    }

    public int numberOf(String word) {
        return numbers.computeIfAbsent(
                word,
                _ -> {
                    words.add(word);
                    return words.size() - 1;
                });
    }

    /** Tells whether it is free text: more than ten different cells, and more than half of all. */
    public boolean isFreeText() {
        return isFreeText(filled);
    }

    /** Tells whether it is free text, as a column of so many filled cells. */
    public boolean isFreeText(int cells) {
        return words.size() > DIFFERENT_MIN && 2L * words.size() > cells;
    }

    public List<String> words() {
        return words;
    }
}
