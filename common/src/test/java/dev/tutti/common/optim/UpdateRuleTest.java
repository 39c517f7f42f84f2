package dev.tutti.common.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Parallel;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UpdateRuleTest {
    private static final long SEED = 20_261_122;

    private final Arena arena = Arena.ofShared();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    /**
     * Returns the weights 1, −2 | 10 after one step with the mean 3, 4 | 0.5, the last a statistic.
     */
    private float[] after(UpdateRule rule, long step) {
        var weights = Floats.of(arena, 1, -2, 10);
        var slots =
                IntStream.range(0, rule.optimizer().slotCount())
                        .mapToObj(_ -> Floats.allocate(arena, 3))
                        .toList();
        rule.apply(
                step,
                Steps.vector(2),
                GradientSum.of(Floats.of(arena, 3, 4, 0.5f), 1),
                slots,
                SteppedWeights.inPlace(weights));
        return Floats.toArray(weights);
    }

    private static UpdateRule rule(
            String optimizer, String schedule, List<String> regularizers, OptionalDouble normMax) {
        var parsed = Optimizers.CATALOGUE.parse(optimizer);
        return new UpdateRule(
                parsed,
                parsed.rate(),
                Schedules.CATALOGUE.parse(schedule),
                regularizers.stream().map(Regularizers.CATALOGUE::parse).toList(),
                normMax);
    }

    @Test
    void statisticsMoveByTheirMeanWhateverTheOptimizer() {
        for (var optimizer :
                List.of("sgd(0.1)", "adam", "adamw", "sgd(0.1,momentum=0.9)", "lamb", "muon")) {
            var rule = UpdateRule.of(Optimizers.CATALOGUE.parse(optimizer));
            assertThat(after(rule, 0)[2]).as(optimizer).isEqualTo(10.5f);
        }
    }

    @Test
    void optimizerAloneTakesItsOwnStep() {
        assertThat(after(UpdateRule.of(Optimizers.CATALOGUE.parse("sgd(0.1)")), 7))
                .containsExactly(new float[] {0.7f, -2.4f, 10.5f}, within(1e-6f));
    }

    @Test
    void scheduleScalesTheRateOfTheStep() {
        var rule = rule("sgd(0.1)", "exponential(0.5)", List.of(), OptionalDouble.empty());

        assertThat(rule.rate(2)).isEqualTo(0.025);
        assertThat(after(rule, 2))
                .containsExactly(new float[] {0.925f, -2.1f, 10.5f}, within(1e-6f));
    }

    @Test
    void gradientIsClippedByTheTrainedPartAlone() {
        var rule = rule("sgd(1)", "constant", List.of(), OptionalDouble.of(1));

        assertThat(after(rule, 0))
                .containsExactly(new float[] {1 - 0.6f, -2 - 0.8f, 10.5f}, within(1e-5f));
    }

    @Test
    void regularizersCountBeforeTheClipping() {
        // 3 + 1 and 4 − 2 make a gradient of length √20, cut to 3.
        var rule = rule("sgd(1)", "constant", List.of("l2(1)", "l1(0)"), OptionalDouble.of(3));

        assertThat(after(rule, 0)[0]).isCloseTo(1 - 4 * 3f / (float) Math.sqrt(20), within(1e-5f));
        assertThat(after(rule, 0)[1]).isCloseTo(-2 - 2 * 3f / (float) Math.sqrt(20), within(1e-5f));
    }

    /** Weights, and slots as long, of which the last 100 of 3000 are statistics. */
    private record State(MemorySegment weights, List<MemorySegment> slots) {
        static final int COUNT = 3000;
        static final int TRAINED = 2900;
        static final TensorLayout LAYOUT =
                new TensorLayout(
                        List.of(
                                new TensorLayout.Placed(0, Shape.of(30, 7, 8)),
                                new TensorLayout.Placed(1680, Shape.of(1100)),
                                new TensorLayout.Placed(2780, Shape.of(4, 30))));

        static State of(Arena arena, UpdateRule rule) {
            var slots =
                    IntStream.range(0, rule.optimizer().slotCount())
                            .mapToObj(_ -> Floats.allocate(arena, COUNT))
                            .toList();
            return new State(random(arena, "weights"), slots);
        }

        void step(UpdateRule rule, long step, GradientSum sum) {
            rule.apply(step, LAYOUT, sum, slots, SteppedWeights.inPlace(weights));
        }

        void assertSameBits(State other) {
            assertThat(weights.mismatch(other.weights)).isEqualTo(-1);
            for (var i = 0; i < slots.size(); i++) {
                assertThat(slots.get(i).mismatch(other.slots.get(i))).isEqualTo(-1);
            }
        }
    }

    private static MemorySegment random(Arena arena, String purpose) {
        return random(arena, purpose, State.COUNT);
    }

    private static MemorySegment random(Arena arena, String purpose, long count) {
        var random = Seeds.of(SEED, purpose);
        var vector = Floats.allocate(arena, count);
        for (var i = 0L; i < count; i++) {
            Floats.set(vector, i, (float) random.nextGaussian());
        }
        return vector;
    }

    /** Rules that are taken a chunk at a time. */
    static List<UpdateRule> rules() {
        return rules(
                List.of(
                        "sgd(0.1)",
                        "sgd(0.1,momentum=0.9,weight-decay=0.01)",
                        "sgd(0.1,momentum=0.9,nesterov=true)",
                        "adam(weight-decay=0.01)",
                        "adamw",
                        "rmsprop(momentum=0.9,centered=true,weight-decay=0.01)",
                        "adagrad",
                        "lion(weight-decay=0.1)"));
    }

    /** These, and those that need the whole gradient. */
    static List<UpdateRule> allRules() {
        var all = new ArrayList<>(rules());
        all.addAll(rules(List.of("lars(0.1)", "lamb", "muon", "muon(nesterov=false)")));
        return all;
    }

    private static List<UpdateRule> rules(List<String> optimizers) {
        var rules = new ArrayList<UpdateRule>();
        for (var optimizer : optimizers) {
            for (var regularizers : List.of(List.<String>of(), List.of("l2(0.1)", "l1(0.2)"))) {
                rules.add(rule(optimizer, "constant", regularizers, OptionalDouble.empty()));
            }
        }
        return rules;
    }

    /** The long way: add, divide, regularise, clip and step, one pass after the other. */
    private void stepByStep(UpdateRule rule, long step, int samples, State state) {
        var mean = random(arena, "left");
        Floats.add(random(arena, "right"), mean);
        Floats.divide(samples, mean);
        var front = Floats.slice(mean, 0, State.TRAINED);
        var weights = Floats.slice(state.weights, 0, State.TRAINED);
        rule.regularizers()
                .forEach(
                        regularizer -> Blocks.map(weights, front, front, regularizer::addGradient));
        rule.normMax()
                .ifPresent(max ->
                        scale(GlobalNorm.factor(GlobalNorm.sumOfSquares(front), max), front));
        Steps.take(
                rule.optimizer(),
                step,
                rule.rate(step),
                State.LAYOUT,
                front,
                state.slots.stream().map(slot -> Floats.slice(slot, 0, State.TRAINED)).toList(),
                weights);
        var behind = State.COUNT - State.TRAINED;
        Floats.add(
                Floats.slice(mean, State.TRAINED, behind),
                Floats.slice(state.weights, State.TRAINED, behind));
    }

    private static void scale(float factor, MemorySegment out) {
        Blocks.map(out, out, (count, block) -> GlobalNorm.scale(factor, count, block));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void chunksInAnyOrderGiveTheBitsOfTheSeparatePasses(UpdateRule rule) {
        // Of 8 the reciprocal is exact, of 7 it is not.
        for (var samples : new int[] {7, 8}) {
            for (var terms : List.of(oneTerm(), twoTerms())) {
                var fused = State.of(arena, rule);
                var plain = State.of(arena, rule);
                for (var step = 0; step < 3; step++) {
                    stepByStep(rule, step, samples, plain);
                    // One chunk holds the end of the trained part, one statistics alone.
                    for (var cut : new int[][] {{1025, 2950}, {2950, 3000}, {0, 1}, {1, 1025}}) {
                        var finite =
                                rule.applyTo(
                                        step,
                                        State.TRAINED,
                                        cut[0],
                                        new GradientSum(terms, samples)
                                                .slice(cut[0], cut[1] - cut[0]),
                                        fused.slots,
                                        SteppedWeights.inPlace(fused.weights));
                        assertThat(finite).isTrue();
                    }
                    fused.assertSameBits(plain);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("allRules")
    void termsOf16BitsGiveTheStepOfTheirFloats(UpdateRule rule) {
        for (var terms : List.of(oneTerm(), twoTerms())) {
            var halves = new ArrayList<Elements>();
            for (var term : terms) {
                var rounded = Elements.allocate(arena, Precision.BF16, term.count());
                term.copyTo(rounded);
                rounded.copyTo(term);
                halves.add(rounded);
            }
            var expected = State.of(arena, rule);
            var found = State.of(arena, rule);
            for (var step = 0; step < 3; step++) {
                expected.step(rule, step, new GradientSum(terms, 7));
                found.step(rule, step, new GradientSum(halves, 7));
            }
            found.assertSameBits(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("allRules")
    void whatIsSentIsTheWeightsAfterTheStepRounded(UpdateRule rule) {
        var expected = State.of(arena, rule);
        var found = State.of(arena, rule);
        var after = Floats.allocate(arena, State.COUNT);
        var sent = Elements.allocate(arena, Precision.BF16, State.COUNT);
        var sum = new GradientSum(twoTerms(), 7);
        expected.step(rule, 0, sum);
        rule.apply(
                0, State.LAYOUT, sum, found.slots, new SteppedWeights(found.weights, after, sent));

        assertThat(after.mismatch(expected.weights)).isEqualTo(-1);
        var rounded = Elements.allocate(arena, Precision.BF16, State.COUNT);
        Elements.of(after).copyTo(rounded);
        assertThat(sent.memory().mismatch(rounded.memory())).isEqualTo(-1);
    }

    @Test
    void weightsOfOtherLengthsAreRefused() {
        var two = Floats.of(arena, 1, 2);

        assertThatThrownBy(() -> new SteppedWeights(two, Floats.of(arena, 1), Elements.NONE))
                .hasMessageContaining("must have the same length, found 2, 1 and 0");
    }

    private List<Elements> twoTerms() {
        return List.of(Elements.of(random(arena, "left")), Elements.of(random(arena, "right")));
    }

    private List<Elements> oneTerm() {
        var sum = random(arena, "left");
        Floats.add(random(arena, "right"), sum);
        return List.of(Elements.of(sum));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aGradientThatIsNotFiniteIsNoticedWhereverItIs(UpdateRule rule) {
        for (var samples : new int[] {7, 8}) {
            for (var poison : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
                for (var at : new int[] {0, 1500, State.COUNT - 1}) {
                    for (var terms : List.of(oneTerm(), twoTerms())) {
                        Floats.set(terms.getFirst().floats(), at, poison);
                        var state = State.of(arena, rule);
                        var finite =
                                rule.applyTo(
                                        0,
                                        State.TRAINED,
                                        0,
                                        new GradientSum(terms, samples),
                                        state.slots,
                                        SteppedWeights.inPlace(state.weights));
                        assertThat(finite).as("%s at %d of %s", poison, at, terms).isFalse();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("allRules")
    void wholeVectorGivesTheBitsOfTheSeparatePassesClippedOrNot(UpdateRule open) {
        for (var normMax : List.of(OptionalDouble.empty(), OptionalDouble.of(0.5))) {
            var rule =
                    new UpdateRule(
                            open.optimizer(),
                            open.rate(),
                            open.schedule(),
                            open.regularizers(),
                            normMax);
            var fused = State.of(arena, rule);
            var plain = State.of(arena, rule);
            var left = random(arena, "left");
            var right = random(arena, "right");
            for (var step = 0; step < 3; step++) {
                stepByStep(rule, step, 7, plain);
                rule.apply(
                        step,
                        State.LAYOUT,
                        GradientSum.of(left, right, 7),
                        fused.slots,
                        SteppedWeights.inPlace(fused.weights));
                fused.assertSameBits(plain);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void severalCoresGiveTheBitsOfOne(UpdateRule rule) {
        var count = Parallel.FLOATS_MIN + 1234;
        var trained = count - 77_777;
        var gradient = random(arena, "gradient", count);
        var vectors = new ArrayList<List<MemorySegment>>();
        for (var i = 0; i < 2; i++) {
            var own = new ArrayList<MemorySegment>();
            own.add(random(arena, "weights", count));
            for (var slot = 0; slot < rule.optimizer().slotCount(); slot++) {
                own.add(Floats.allocate(arena, count));
            }
            vectors.add(own);
        }
        var sum = GradientSum.of(gradient, 7);
        for (var step = 0; step < 2; step++) {
            var one = vectors.getFirst();
            var weights = one.getFirst();
            rule.applyTo(
                    step,
                    trained,
                    0,
                    sum,
                    one.subList(1, one.size()),
                    SteppedWeights.inPlace(weights));
            var many = vectors.getLast();
            var same = many.getFirst();
            rule.apply(
                    step,
                    Steps.vector(trained),
                    sum,
                    many.subList(1, many.size()),
                    SteppedWeights.inPlace(same));
        }
        for (var i = 0; i < vectors.getFirst().size(); i++) {
            assertThat(vectors.getLast().get(i).mismatch(vectors.getFirst().get(i))).isEqualTo(-1);
        }
    }

    @Test
    void clippingNeedsTheWholeGradient() {
        var rule = rule("sgd(1)", "constant", List.of(), OptionalDouble.of(1));
        var vector = Floats.of(arena, 1, 2);

        assertThat(rule.needsWholeGradient()).isTrue();
        assertThatThrownBy(() ->
                        rule.applyTo(
                                0,
                                2,
                                0,
                                GradientSum.of(vector, 1),
                                List.of(),
                                SteppedWeights.inPlace(vector)))
                .hasMessage("the step needs the whole gradient");
        assertThat(Floats.toArray(vector)).containsExactly(1, 2);
    }

    @Test
    void anOptimizerOfTensorsNeedsTheWholeGradient() {
        var rule = UpdateRule.of(Optimizers.CATALOGUE.parse("lamb"));
        var vector = Floats.of(arena, 1, 2);

        assertThat(rule.needsWholeGradient()).isTrue();
        assertThatThrownBy(() ->
                        rule.applyTo(
                                0,
                                2,
                                0,
                                GradientSum.of(vector, 1),
                                List.of(vector, vector),
                                SteppedWeights.inPlace(vector)))
                .hasMessage("the step needs the whole gradient");
    }

    @Test
    void sumOfNoSamplesIsRefused() {
        var vector = Floats.of(arena, 1, 2);

        assertThatThrownBy(() -> GradientSum.of(vector, 0))
                .hasMessage("samples must be at least 1, were 0.0");
        assertThatThrownBy(() -> GradientSum.of(vector, Floats.of(arena, 1), 3))
                .hasMessage("terms must have the same length");
    }

    @Test
    void normThatIsNotAboveZeroIsRefused() {
        assertThatThrownBy(() -> rule("sgd(1)", "constant", List.of(), OptionalDouble.of(-1)))
                .hasMessage("the largest norm must be a finite number above 0, was -1.0");
    }
}
