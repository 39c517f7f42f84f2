package dev.tutti.common.graph.form;

import dev.tutti.common.graph.Expression;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What flows between two layers: for each sample a row of expressions, its elements in row-major
 * order of the sample's shape.
 *
 * @param samples one list a sample, all of the same length
 */
public record Rows(List<List<Expression>> samples) {
    public Rows {
        samples = samples.stream().map(List::copyOf).toList();
    }

    /** Returns the expression at {@code element} of {@code sample}. */
    Expression at(int sample, int element) {
        return samples.get(sample).get(element);
    }

    /** Returns the rows with {@code formula} applied to each sample alone. */
    Rows eachSample(UnaryOperator<List<Expression>> formula) {
        return new Rows(samples.stream().map(formula).toList());
    }

    /** Returns the rows with {@code formula} applied to each element alone. */
    Rows eachElement(UnaryOperator<Expression> formula) {
        return eachSample(row -> row.stream().map(formula).toList());
    }
}
