package dev.tutti.deploy.bench.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The options of a {@code tutti} command that is measured: the bench's own, and the user's. */
final class TuttiOptions {
    private final Map<String, String> own = new LinkedHashMap<>();
    private final List<String> given;

    /**
     * Starts without options of the bench.
     *
     * @param given by the user; they go before the bench's
     */
    TuttiOptions(List<String> given) {
        this.given = List.copyOf(given);
    }

    TuttiOptions with(String name, Object value) {
        own.put(name, value.toString());
        return this;
    }

    /** Returns them as arguments; an option that the user gives is not given twice. */
    List<String> arguments() {
        var arguments = new ArrayList<String>();
        own.forEach((name, value) -> {
            if (given.stream()
                    .noneMatch(word -> word.equals(name) || word.startsWith(name + "="))) {
                arguments.addAll(List.of(name, value));
            }
        });
        arguments.addAll(given);
        return arguments;
    }
}
