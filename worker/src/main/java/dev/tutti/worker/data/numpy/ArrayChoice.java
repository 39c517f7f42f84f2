package dev.tutti.worker.data.numpy;

import dev.tutti.common.data.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The arrays that make up a dataset.
 *
 * @param train inputs and targets to train on
 * @param test the dataset's own test set, if it has one
 * @param unused the names of all others
 */
public record ArrayChoice(Pair train, Optional<Pair> test, List<String> unused) {
    /**
     * Inputs with their targets.
     *
     * @param inputs samples × the extents of one
     * @param targets as many samples
     */
    public record Pair(NpyArray inputs, NpyArray targets) {
        /** Refuses arrays of different numbers of samples. */
        public Pair {
            if (inputs.rank() < 1 || targets.rank() < 1 || inputs.rows() != targets.rows()) {
                throw new DataException(
                        "array %s is %s and array %s is %s: expected the same number of samples"
                                .formatted(
                                        inputs.name(),
                                        inputs.header().text(),
                                        targets.name(),
                                        targets.header().text()));
            }
        }
    }

    /** Copies the names. */
    public ArrayChoice {
        unused = List.copyOf(unused);
    }

    /**
     * Returns the arrays that go together by their names, or as the user says.
     *
     * @param features the name of the inputs; none to find them
     * @param targets the name of the targets; none to find them
     * @return nothing if there is one array only, which must hold both
     */
    public static Optional<ArrayChoice> of(
            ArrayStore store, List<String> features, List<String> targets) throws IOException {
        var names = store.names();
        var named = Stream.concat(features.stream(), targets.stream()).toList();
        if (names.size() == 1 && !(named.isEmpty() || named.stream().allMatch(store::has))) {
            return Optional.empty();
        }
        if (features.size() > 1 || targets.size() > 1) {
            throw new DataException(
                    "inputs and targets are one array each, named were %s; it has %s"
                            .formatted(String.join(", ", named), String.join(", ", names)));
        }
        var inputs = features.isEmpty() ? inputs(store, targets) : Optional.of(features.getFirst());
        if (inputs.isEmpty()) {
            return Optional.empty();
        }
        var partner =
                targets.isEmpty()
                        ? targetsOf(inputs.get(), store)
                        : Optional.of(targets.getFirst());
        return partner.isEmpty()
                ? Optional.empty()
                : Optional.of(of(store, inputs.get(), partner.get()));
    }

    private static ArrayChoice of(ArrayStore store, String inputs, String targets)
            throws IOException {
        var train = new Pair(store.array(inputs), store.array(targets));
        var testInputs = ArrayNames.testOf(inputs, store::has);
        var testTargets = ArrayNames.testOf(targets, store::has);
        if (testInputs.isPresent() != testTargets.isPresent()) {
            throw new DataException(
                    "it has %s without its counterpart: a test set needs inputs and targets"
                            .formatted(testInputs.or(() -> testTargets).orElseThrow()));
        }
        var test =
                testInputs.isPresent()
                        ? Optional.of(
                                new Pair(
                                        store.array(testInputs.get()),
                                        store.array(testTargets.orElseThrow())))
                        : Optional.<Pair>empty();
        var unused = new ArrayList<>(store.names());
        unused.removeAll(List.of(inputs, targets));
        testInputs.ifPresent(unused::remove);
        testTargets.ifPresent(unused::remove);
        return new ArrayChoice(train, test, unused);
    }

    /**
     * Returns the single array, if it is a table that holds inputs and targets.
     *
     * @param targets columns that the user named
     * @throws DataException if it is no table, or its name says that it holds inputs only
     */
    public static NpyArray table(ArrayStore store, List<String> targets) throws IOException {
        if (store.names().isEmpty()) {
            throw new DataException("it has no arrays");
        }
        var array = store.array(store.names().getFirst());
        var inputsOnly = targets.isEmpty() && ArrayNames.saysInputs(array.name());
        if (inputsOnly || array.rank() != 2) {
            throw new DataException(
                    ("array %s is %s and has no targets: expected them under a name such as %s, or"
                                    + " in columns of a table, named with --targets")
                            .formatted(
                                    array.name(),
                                    array.header().text(),
                                    ArrayNames.targetsOf(array.name()).stream()
                                            .limit(3)
                                            .reduce((a, b) -> a + ", " + b)
                                            .orElse("y beside inputs x")));
        }
        return array;
    }

    /**
     * Returns the name of the inputs of new samples, which may come without targets: the single
     * array, or the one for testing, or the one that is called so.
     *
     * @throws DataException if several arrays may be meant
     */
    public static String inputsToPredict(ArrayStore store) {
        var names = store.names();
        if (names.size() == 1) {
            return names.getFirst();
        }
        var inputs = names.stream().filter(ArrayNames::saysInputs).toList();
        var test = inputs.stream().filter(ArrayNames::saysTest).toList();
        var found = test.isEmpty() ? inputs : test;
        if (found.size() != 1) {
            throw new DataException(
                    "expected one array of inputs, named such as x, x_test or images; found %s: write the one to predict alone"
                            .formatted(names.isEmpty() ? "no array" : listed(names)));
        }
        return found.getFirst();
    }

    /** Returns the words for what was decided. */
    public String decided() {
        var words = new ArrayList<String>();
        words.add("%s and %s train".formatted(train.inputs().name(), train.targets().name()));
        test.ifPresent(pair ->
                words.add("%s and %s test".formatted(pair.inputs().name(), pair.targets().name())));
        if (!unused.isEmpty()) {
            words.add("left out: " + listed(unused));
        }
        return String.join("; ", words);
    }

    /** Returns all pairs, the test set last. */
    public List<Pair> pairs() {
        return Stream.concat(Stream.of(train), test.stream()).toList();
    }

    private static Optional<String> inputs(ArrayStore store, List<String> targets) {
        var found =
                store.names().stream()
                        .filter(name -> !ArrayNames.saysTest(name))
                        .filter(name ->
                                targets.isEmpty()
                                        ? targetsOf(name, store).isPresent()
                                        : ArrayNames.saysInputs(name))
                        .findFirst();
        if (found.isEmpty() && store.names().size() > 1) {
            throw new DataException(
                    ("expected arrays x and y, x_train and y_train, images and labels, or one"
                                    + " array whose last column is the target; found %s: name two"
                                    + " with --features and --targets")
                            .formatted(listed(store.names())));
        }
        return found;
    }

    private static Optional<String> targetsOf(String inputs, ArrayStore store) {
        return ArrayNames.targetsOf(inputs).stream().filter(store::has).findFirst();
    }

    private static String listed(List<String> names) {
        return names.stream().limit(10).collect(Collectors.joining(", "))
                + (names.size() > 10 ? ", …" : "");
    }
}
