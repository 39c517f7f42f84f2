package dev.tutti.common.average;

import static java.util.stream.Collectors.toCollection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The averaging rules and mixings written again: over the vectors themselves, in doubles, as
 * plainly as can be.
 */
@SuppressWarnings("ReferenceEquality") // Equal vectors of two shards are two vectors.
final class Oracles {
    private Oracles() {}

    /** Makes one vector of several. */
    @FunctionalInterface
    interface Rule {
        double[] average(double[][] vectors, int[] samples);
    }

    /** Makes vectors of vectors. */
    @FunctionalInterface
    interface Mixing {
        double[][] mix(double[][] vectors);
    }

    static double[] mean(double[][] vectors, int[] samples) {
        var all = Arrays.stream(samples).sum();
        return by(
                vectors,
                i ->
                        IntStream.range(0, vectors.length)
                                        .mapToDouble(shard -> samples[shard] * vectors[shard][i])
                                        .sum()
                                / all);
    }

    static Rule trimmedMean(int f) {
        return f == 0
                ? Oracles::mean
                : (vectors, _) ->
                        by(
                                vectors,
                                i ->
                                        sorted(vectors, i).subList(f, vectors.length - f).stream()
                                                .mapToDouble(x -> x)
                                                .average()
                                                .orElseThrow());
    }

    static double[] median(double[][] vectors, int[] samples) {
        return by(vectors, i -> middle(sorted(vectors, i)));
    }

    private static double middle(List<Double> sorted) {
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    static Rule krum(int f) {
        return (vectors, _) -> mostCentral(List.of(vectors), f);
    }

    static Rule multiKrum(int f, int m) {
        return (vectors, _) -> {
            var all = List.of(vectors);
            return plainMean(
                    all.stream()
                            .sorted(Comparator.comparingDouble(x -> krumScore(x, all, f)))
                            .limit(m == 0 ? all.size() - f : m)
                            .toList());
        };
    }

    static Rule bulyan(int f) {
        return (vectors, _) -> {
            var left = new ArrayList<>(List.of(vectors));
            var chosen = new ArrayList<double[]>();
            for (var turn = 0; turn < vectors.length - 2 * f; turn++) {
                var next = mostCentral(left, f);
                left.removeIf(one -> one == next);
                chosen.add(next);
            }
            var kept = chosen.toArray(double[][]::new);
            return by(
                    kept,
                    i -> {
                        var values = sorted(kept, i);
                        var median = middle(values);
                        return values.stream()
                                .sorted(Comparator.comparingDouble(x -> Math.abs(x - median)))
                                .limit(kept.length - 2 * f)
                                .mapToDouble(x -> x)
                                .average()
                                .orElseThrow();
                    });
        };
    }

    private static double[] mostCentral(List<double[]> vectors, int f) {
        return vectors.stream()
                .min(
                        Comparator.<double[]>comparingDouble(x -> krumScore(x, vectors, f))
                                .thenComparingDouble(Oracles::length))
                .orElseThrow();
    }

    private static double krumScore(double[] of, List<double[]> among, int f) {
        return among.stream()
                .filter(other -> other != of)
                .mapToDouble(other -> distance(of, other) * distance(of, other))
                .sorted()
                .limit(Math.max(1, among.size() - f - 2))
                .sum();
    }

    static Rule geometricMedian(double nu, int iterations) {
        return (vectors, _) -> {
            var z = plainMean(List.of(vectors));
            for (var k = 0; k < iterations; k++) {
                var from = z;
                var weights =
                        Arrays.stream(vectors)
                                .mapToDouble(x -> 1 / Math.max(nu, distance(x, from)))
                                .toArray();
                z =
                        by(
                                vectors,
                                i ->
                                        IntStream.range(0, vectors.length)
                                                        .mapToDouble(
                                                                s -> weights[s] * vectors[s][i])
                                                        .sum()
                                                / Arrays.stream(weights).sum());
            }
            return z;
        };
    }

    static Rule centeredClipping(double factor, int iterations, boolean relative) {
        return (vectors, _) -> {
            var v =
                    Arrays.stream(vectors)
                            .min(
                                    Comparator.<double[]>comparingDouble(x ->
                                                    Arrays.stream(vectors)
                                                            .mapToDouble(y -> distance(x, y))
                                                            .sum())
                                            .thenComparingDouble(Oracles::length))
                            .orElseThrow();
            for (var k = 0; k < iterations; k++) {
                var centre = v;
                var distances =
                        Arrays.stream(vectors)
                                .mapToDouble(x -> distance(x, centre))
                                .sorted()
                                .toArray();
                var tau = factor * (relative ? distances[(distances.length - 1) / 2] : 1);
                v =
                        by(
                                vectors,
                                i ->
                                        centre[i]
                                                + Arrays.stream(vectors)
                                                        .mapToDouble(x ->
                                                                (x[i] - centre[i])
                                                                        * Math.min(
                                                                                1,
                                                                                tau
                                                                                        / Math.max(
                                                                                                1e-300,
                                                                                                distance(
                                                                                                        x,
                                                                                                        centre))))
                                                        .average()
                                                        .orElseThrow());
            }
            return v;
        };
    }

    static double[] adasum(double[][] vectors, int[] samples) {
        if (vectors.length == 1) {
            return vectors[0];
        }
        var half = 1;
        while (2 * half < vectors.length) {
            half *= 2;
        }
        var a = adasum(Arrays.copyOf(vectors, half), samples);
        var b = adasum(Arrays.copyOfRange(vectors, half, vectors.length), samples);
        var dot = IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
        var ofA = dot == 0 ? 1 : 1 - dot / (2 * length(a) * length(a));
        var ofB = dot == 0 ? 1 : 1 - dot / (2 * length(b) * length(b));
        return by(new double[][] {a}, i -> ofA * a[i] + ofB * b[i]);
    }

    static double[] signVote(double[][] vectors, int[] samples) {
        return by(
                vectors,
                i -> Math.signum(Arrays.stream(vectors).mapToDouble(x -> Math.signum(x[i])).sum()));
    }

    static Mixing clip(double norm) {
        return vectors ->
                Arrays.stream(vectors)
                        .map(x ->
                                length(x) <= norm
                                        ? x
                                        : by(new double[][] {x}, i -> x[i] * norm / length(x)))
                        .toArray(double[][]::new);
    }

    static Mixing arc(int f) {
        return vectors -> {
            var n = vectors.length;
            var lengths =
                    Arrays.stream(vectors)
                            .map(Oracles::length)
                            .sorted(Comparator.reverseOrder())
                            .toList();
            return clip(lengths.get((int) Math.floor(2.0 * f / n * (n - f) + 1e-9))).mix(vectors);
        };
    }

    static Mixing nnm(int f) {
        return vectors ->
                Arrays.stream(vectors)
                        .map(x ->
                                plainMean(
                                        Arrays.stream(vectors)
                                                .sorted(
                                                        Comparator.comparingDouble(
                                                                y -> distance(x, y)))
                                                .limit(vectors.length - f)
                                                .toList()))
                        .toArray(double[][]::new);
    }

    static double[] plainMean(List<double[]> vectors) {
        return by(
                vectors.toArray(double[][]::new),
                i -> vectors.stream().mapToDouble(x -> x[i]).average().orElseThrow());
    }

    static double length(double[] vector) {
        return distance(vector, new double[vector.length]);
    }

    static double distance(double[] one, double[] other) {
        return Math.sqrt(
                IntStream.range(0, one.length)
                        .mapToDouble(i -> (one[i] - other[i]) * (one[i] - other[i]))
                        .sum());
    }

    private static List<Double> sorted(double[][] vectors, int coordinate) {
        return Arrays.stream(vectors)
                .map(vector -> vector[coordinate])
                .sorted()
                .collect(toCollection(ArrayList::new));
    }

    private static double[] by(double[][] vectors, IntToDoubleFunction coordinate) {
        return IntStream.range(0, vectors[0].length).mapToDouble(coordinate).toArray();
    }
}
