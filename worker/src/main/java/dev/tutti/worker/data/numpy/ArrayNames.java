package dev.tutti.worker.data.numpy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which arrays go together by their names: {@code x} and {@code y}, {@code X_train} and {@code
 * y_train}, {@code train_images} and {@code train_labels}. A name is made of words with {@code _},
 * {@code -} or {@code .} between them.
 */
public final class ArrayNames {
    private static final List<String> LABELS = List.of("labels", "label", "targets", "target", "y");

    /** For a word that names inputs, the words that name their targets. */
    private static final Map<String, List<String>> TARGETS =
            Map.of(
                    "x", List.of("y", "Y", "labels", "targets", "t"),
                    "images", LABELS,
                    "imgs", LABELS,
                    "data", LABELS,
                    "features", LABELS,
                    "inputs", List.of("targets", "outputs", "labels", "y"));

    private static final List<String> TESTS = List.of("test", "t10k", "val", "valid");

    /** Between words, and between them and numbers; the delimiters are kept. */
    private static final String BOUNDARY = "(?<=[-_.])|(?=[-_.])";

    private ArrayNames() {}

    /** Tells whether a name says that the array holds inputs without their targets. */
    public static boolean saysInputs(String name) {
        return !targetsOf(name).isEmpty();
    }

    /** Tells whether a name says that the array is for testing. */
    public static boolean saysTest(String name) {
        return words(name).stream().anyMatch(word -> TESTS.contains(lower(word)));
    }

    /** Returns the names that the targets of these inputs may have; the likeliest comes first. */
    public static Set<String> targetsOf(String inputs) {
        var names = new LinkedHashSet<String>();
        var words = words(inputs);
        for (var i = 0; i < words.size(); i++) {
            for (var target : TARGETS.getOrDefault(lower(words.get(i)), List.of())) {
                names.add(replaced(words, i, target));
            }
        }
        if (inputs.equals("arr_0")) {
            names.add("arr_1");
        }
        return names;
    }

    /** Returns the name of a training array's counterpart for testing, if it is there. */
    public static Optional<String> testOf(String name, Predicate<String> exists) {
        var words = words(name);
        for (var test : TESTS) {
            for (var i = 0; i < words.size(); i++) {
                if (lower(words.get(i)).equals("train")) {
                    var found = Optional.of(replaced(words, i, test)).filter(exists);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static String replaced(List<String> words, int index, String word) {
        var copy = new ArrayList<>(words);
        copy.set(index, word);
        return String.join("", copy);
    }

    private static List<String> words(String name) {
        return List.of(name.split(BOUNDARY, -1));
    }

    private static String lower(String word) {
        return word.toLowerCase(Locale.ROOT);
    }
}
