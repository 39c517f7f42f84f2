package dev.tutti.deploy.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What was seen of a run's gradients, over all steps that were looked at.
 *
 * @param rules what averaging rules made of them
 * @param proofs steps that were proved
 * @param failed proofs that did not hold
 * @param errorMax the largest relative error of a layer
 */
record Observed(List<Rule> rules, int proofs, int failed, double errorMax) {
    /**
     * A rule's means over the steps.
     *
     * @param name as text; of the run's own with a word
     * @param steps in which it was tried
     * @param cosine with the mean of the shards
     * @param distance from it, in lengths of the mean
     */
    record Rule(String name, int steps, double cosine, double distance) {}

    /** Sums the lines of a file up. */
    static Observed of(List<JsonNode> lines) {
        var tried = new LinkedHashMap<String, List<JsonNode>>();
        var proofs = 0;
        var failed = 0;
        var error = 0.0;
        for (var line : lines) {
            for (var rule : line.path("rules")) {
                var name =
                        rule.path("rule").asText()
                                + (rule.path("ofRun").asBoolean() ? " (the run's own)" : "");
                tried.computeIfAbsent(name, _ -> new ArrayList<>()).add(rule);
            }
            var proof = line.path("proof");
            if (proof.isObject()) {
                proofs++;
                failed += proof.path("holds").asBoolean() ? 0 : 1;
                error = Math.max(error, proof.path("error").asDouble());
            }
        }
        var rules = new ArrayList<Rule>();
        tried.forEach((name, seen) ->
                rules.add(
                        new Rule(name, seen.size(), mean(seen, "cosine"), mean(seen, "distance"))));
        return new Observed(List.copyOf(rules), proofs, failed, error);
    }

    private static double mean(List<JsonNode> seen, String name) {
        return seen.stream().mapToDouble(rule -> rule.path(name).asDouble()).average().orElse(0);
    }
}
