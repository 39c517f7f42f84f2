package dev.tutti.deploy.report.html;

import java.util.ArrayList;
import java.util.List;

/**
 * The scale of an axis: from values to pixels.
 *
 * @param from the smallest value
 * @param to the largest value, above {@code from}
 * @param logarithmic whether equal distances are equal ratios; all values are above 0 then
 */
record Scale(double from, double to, boolean logarithmic) {
    /** Values whose largest is so many times the smallest are drawn on a logarithmic scale. */
    private static final double RATIO_OF_LINEAR_MAX = 100;

    private static final int TICKS = 5;

    /** Returns a scale that shows all values. */
    static Scale of(double min, double max) {
        if (min > 0 && max / min > RATIO_OF_LINEAR_MAX) {
            return new Scale(min, max, true);
        }
        return max > min ? new Scale(min, max, false) : new Scale(min - 0.5, min + 0.5, false);
    }

    /** Returns the place of a value, from 0 to 1. */
    double place(double value) {
        return logarithmic
                ? (Math.log(value) - Math.log(from)) / (Math.log(to) - Math.log(from))
                : (value - from) / (to - from);
    }

    /** Returns a scale from 0, or a logarithmic one from the smallest value. */
    static Scale ofProgress(double min, double max, boolean logarithmic) {
        return logarithmic ? new Scale(min, max, true) : new Scale(0, max > 0 ? max : 1, false);
    }

    /** Returns the values that are marked. */
    List<Double> ticks() {
        return logarithmic ? powersOfTen() : roundValues();
    }

    private List<Double> powersOfTen() {
        var ticks = new ArrayList<Double>();
        for (var power = (int) Math.ceil(Math.log10(from)); Math.pow(10, power) <= to; power++) {
            ticks.add(Math.pow(10, power));
        }
        return ticks;
    }

    /** Returns multiples of 1, 2 or 5 times a power of ten. */
    private List<Double> roundValues() {
        var rough = (to - from) / TICKS;
        var power = Math.pow(10, Math.floor(Math.log10(rough)));
        var factor = rough / power;
        var step = power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
        var ticks = new ArrayList<Double>();
        for (var i = Math.ceil(from / step); i * step <= to; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }
}
