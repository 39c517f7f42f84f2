package dev.tutti.common.graph;

/** Evaluates the formulas of the documents: numbers, + - · and brackets, σ of a bracket. */
final class Arithmetic {
    private final String text;
    private int at;

    private Arithmetic(String text) {
        this.text = text.replace(" ", "");
    }

    static double evaluate(String text) {
        var reader = new Arithmetic(text);
        var value = reader.sum();
        if (reader.at < reader.text.length()) {
            throw new IllegalArgumentException(
                    "cannot read \"%s\" from %d on".formatted(text, reader.at));
        }
        return value;
    }

    private double sum() {
        var sum = product();
        while (true) {
            if (accept('+')) {
                sum += product();
            } else if (accept('-')) {
                sum -= product();
            } else {
                return sum;
            }
        }
    }

    private double product() {
        var product = factor();
        while (accept('·')) {
            product *= factor();
        }
        return product;
    }

    private double factor() {
        if (accept('-')) {
            return -factor();
        }
        if (accept('σ')) {
            return 1 / (1 + StrictMath.exp(-factor()));
        }
        if (accept('(')) {
            var inside = sum();
            if (!accept(')')) {
                throw new IllegalArgumentException("a bracket is open in \"%s\"".formatted(text));
            }
            return inside;
        }
        var start = at;
        while (at < text.length()
                && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        return Double.parseDouble(text.substring(start, at));
    }

    private boolean accept(char expected) {
        if (at < text.length() && text.charAt(at) == expected) {
            at++;
            return true;
        }
        return false;
    }
}
