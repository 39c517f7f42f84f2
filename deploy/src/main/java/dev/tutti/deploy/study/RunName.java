package dev.tutti.deploy.study;

import dev.tutti.common.format.Sha256;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The name of a run: a digest of its whole configuration. Two runs with the same configuration have
 * the same name, however their files are written; runs that differ in any setting, with its
 * parameters, have different ones.
 */
final class RunName {
    private static final int CHARACTERS = 12;

    private RunName() {}

    /**
     * Returns the name.
     *
     * @param options all options of the run with their values, also those not given
     * @param configuration what the bits of the weights follow from, in the spelling of the
     *     catalogues; it goes before an option of the same name
     */
    static String of(Map<String, String> options, Map<String, String> configuration) {
        var all = new TreeMap<>(options);
        all.putAll(configuration);
        var text = new StringBuilder();
        // The length keeps two settings apart from one whose value holds the other.
        all.forEach((key, value) ->
                text.append(key)
                        .append('=')
                        .append(value.length())
                        .append(':')
                        .append(value)
                        .append('\n'));
        var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        return Sha256.hex(MemorySegment.ofArray(bytes)).substring(0, CHARACTERS);
    }
}
