package dev.tutti.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.optim.Optimizer;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.Regularizers;
import dev.tutti.common.optim.Schedule;
import dev.tutti.common.optim.Schedules;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Shape;
import dev.tutti.coordinator.checkpoint.CheckpointPolicy;
import dev.tutti.coordinator.checkpoint.Safekeeping;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A run may go on with the checkpoints of another only if all that its bits follow from is the
 * same. A component that is added to a plan and forgotten in its configuration fails here.
 */
class RunPlanTest {
    /** What two runs of the same bits may differ in, and why. */
    private static final Map<String, String> WITHOUT_BITS =
            Map.of(
                    "data", "a name, for messages: dataDigest says what the data is",
                    "dataBytes", "it follows from dataDigest",
                    "chunkFloats", "elements of a vector do not mix");

    private static final RunSpec SPEC =
            new RunSpec(
                    "dense(3)",
                    "mse",
                    Shape.of(4),
                    3,
                    11,
                    32,
                    true,
                    4,
                    0.1,
                    0.2,
                    "points",
                    "c0ffee",
                    1000,
                    64,
                    Roundings.NONE,
                    "mean",
                    "none",
                    "none",
                    0,
                    "synchronous",
                    RunSpec.NO_CLOCK,
                    "iid",
                    "fp32",
                    "fp32");

    private static final UpdateRule RULE = UpdateRule.of(Optimizers.CATALOGUE.parse("sgd(0.1)"));

    /**
     * A plan that differs from another in one component.
     *
     * @param component its name
     */
    record Change(String component, RunPlan plan) {
        @Override
        public String toString() {
            return component;
        }
    }

    static Stream<Change> changes() {
        return Stream.of(
                        changes(SPEC).map(spec -> new Change(spec.name, plan(spec.value, RULE))),
                        changes(RULE).map(rule -> new Change(rule.name, plan(SPEC, rule.value))),
                        changes(EarlyStopping.NEVER)
                                .map(stop ->
                                        new Change(stop.name, plan(SPEC, RULE, stop.value, 9))),
                        Stream.of(new Change("steps", plan(SPEC, RULE, EarlyStopping.NEVER, 10))))
                .flatMap(changes -> changes);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void allThatBitsFollowFromIsInTheConfiguration(Change change) {
        var same = change.plan().configuration().equals(plan(SPEC, RULE).configuration());

        assertThat(same)
                .as(WITHOUT_BITS.getOrDefault(change.component(), "such a run has other bits"))
                .isEqualTo(WITHOUT_BITS.containsKey(change.component()));
    }

    private static RunPlan plan(RunSpec spec, UpdateRule rule) {
        return plan(spec, rule, EarlyStopping.NEVER, 9);
    }

    private static RunPlan plan(RunSpec spec, UpdateRule rule, EarlyStopping stopping, long steps) {
        return new RunPlan(
                spec,
                steps,
                rule,
                stopping,
                MemorySegment.NULL,
                Limits.standard(1),
                0,
                Observing.NONE,
                Auditing.NONE,
                Path.of("run"),
                Map.of(),
                new CheckpointPolicy(OptionalLong.empty(), Optional.empty(), 1),
                Safekeeping.NONE,
                Optional.empty());
    }

    private record Named<R extends Record>(String name, R value) {}

    /** Returns the record once for each component, with another value of it. */
    private static <R extends Record> Stream<Named<R>> changes(R record) {
        return Arrays.stream(record.getClass().getRecordComponents())
                .map(component -> new Named<>(component.getName(), changed(record, component)));
    }

    @SuppressWarnings("unchecked") // A record's canonical constructor makes records of its class.
    private static <R extends Record> R changed(R record, RecordComponent component) {
        var components = record.getClass().getRecordComponents();
        var types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        var values =
                Arrays.stream(components)
                        .map(one -> {
                            var value = value(record, one);
                            return one.getName().equals(component.getName())
                                    ? another(value)
                                    : value;
                        })
                        .toArray();
        try {
            return (R) record.getClass().getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(component.getName(), e);
        }
    }

    private static Object value(Record record, RecordComponent component) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(component.getName(), e);
        }
    }

    private static Object another(Object value) {
        return switch (value) {
            case Integer number -> number + 1;
            case Long number -> number + 1;
            case Double number -> number / 2;
            case Boolean truth -> !truth;
            case String text when text.equals("fp32") -> "error-feedback(sign)";
            case String text -> text + "x";
            case Shape _ -> Shape.of(5);
            case Rounding _ -> new Bf16();
            case Optimizer _ -> Optimizers.CATALOGUE.parse("adam(0.1)");
            case Schedule _ -> Schedules.CATALOGUE.parse("cosine");
            case List<?> _ -> List.of(Regularizers.CATALOGUE.parse("l1(0.1)"));
            case OptionalDouble _ -> OptionalDouble.of(0.5);
            case OptionalInt _ -> OptionalInt.of(2);
            default -> throw new AssertionError("no other value of " + value.getClass());
        };
    }
}
