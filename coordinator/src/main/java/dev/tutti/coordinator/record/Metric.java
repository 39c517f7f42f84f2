package dev.tutti.coordinator.record;

import dev.tutti.common.average.observe.Agreement;
import dev.tutti.common.average.observe.Observation;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.run.Part;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * What is measured along a run, for tools that draw curves. A metric is declared here and nowhere
 * else. Its name has the group before the slash, as TensorBoard and MLflow have it.
 */
@SuppressWarnings("ImmutableEnumChecker") // A measure is a function that keeps nothing.
public enum Metric {
    TRAIN_LOSS("train/loss", ofStep(step -> step.report().totals().meanLoss())),
    TRAIN_EPOCH("train/epoch", ofStep(step -> step.report().epoch())),
    TRAIN_RATE("train/rate", ofStep(step -> step.report().rate())),
    TRAIN_SAMPLES("train/samples", ofStep(step -> step.report().totals().samples())),
    VALIDATION_LOSS("validation/loss", loss(Part.VALIDATION)),
    VALIDATION_ACCURACY("validation/accuracy", accuracy(Part.VALIDATION)),
    TEST_LOSS("test/loss", loss(Part.TEST)),
    TEST_ACCURACY("test/accuracy", accuracy(Part.TEST)),
    STEP_SECONDS("time/step-seconds", ofStep(step -> seconds(step.totalNanos()))),
    COLLECT_SECONDS("time/collect-seconds", ofStep(step -> seconds(step.collectNanos()))),
    COMPUTE_SECONDS("time/compute-seconds", ofStep(step -> seconds(step.report().computeNanos()))),
    APPLY_SECONDS("time/apply-seconds", ofStep(step -> seconds(step.applyNanos()))),
    VIRTUAL_SECONDS(
            "time/virtual-seconds",
            ofClock(report -> seconds(report.schedule().orElseThrow().nanos()))),
    BYTES_UP("bytes/up", ofStep(RunEvent.StepTaken::receivedBytes)),
    BYTES_DOWN("bytes/down", ofStep(RunEvent.StepTaken::sentBytes)),
    VIRTUAL_BYTES("bytes/virtual", ofClock(StepReport::virtualBytes)),
    GRADIENT_NORM("gradients/mean-norm", ofLook(Agreement::meanNorm)),
    GRADIENT_SQUARED_NORM("gradients/squared-norm", ofLook(Agreement::squaredNorm)),
    GRADIENT_VARIANCE("gradients/variance", ofLook(Agreement::variance));

    /** Tells what an event measures, if it measures that. */
    private interface Measure {
        OptionalDouble of(RunEvent event, boolean labelled);
    }

    private static final double NANOS = 1e9;

    private final String text;
    private final Measure measure;

    Metric(String text, Measure measure) {
        this.text = text;
        this.measure = measure;
    }

    /** Returns the name that readers of curves see. */
    public String text() {
        return text;
    }

    /**
     * Returns what an event measures, in the order of this catalogue; nothing if it is no
     * measurement.
     *
     * @param labelled whether accuracies mean something
     */
    public static Map<Metric, Double> of(RunEvent event, boolean labelled) {
        var measured = new EnumMap<Metric, Double>(Metric.class);
        if (event instanceof RunEvent.StepTaken || event instanceof RunEvent.Evaluated) {
            for (var metric : values()) {
                metric.measure.of(event, labelled).ifPresent(value -> measured.put(metric, value));
            }
        }
        return measured;
    }

    /** Returns the steps behind what an event measures; 0 if it measures nothing. */
    public static long step(RunEvent event) {
        if (event instanceof RunEvent.StepTaken taken) {
            return taken.report().step();
        }
        return event instanceof RunEvent.Evaluated evaluated ? evaluated.step() : 0;
    }

    private static Measure ofStep(ToDoubleFunction<RunEvent.StepTaken> value) {
        return (event, _) ->
                event instanceof RunEvent.StepTaken step
                        ? OptionalDouble.of(value.applyAsDouble(step))
                        : OptionalDouble.empty();
    }

    /** Measures what a run with a clock of virtual workers has. */
    private static Measure ofClock(ToDoubleFunction<StepReport> value) {
        return (event, _) ->
                event instanceof RunEvent.StepTaken step && step.report().schedule().isPresent()
                        ? OptionalDouble.of(value.applyAsDouble(step.report()))
                        : OptionalDouble.empty();
    }

    /** Measures gradients that were looked at; what is not known is left out. */
    private static Measure ofLook(ToDoubleFunction<Agreement> value) {
        return (event, _) ->
                event instanceof RunEvent.StepTaken step
                        ? step.report().observation().flatMap(Observation::seen).stream()
                                .mapToDouble(seen -> value.applyAsDouble(seen.whole()))
                                .filter(known -> !Double.isNaN(known))
                                .findFirst()
                        : OptionalDouble.empty();
    }

    private static Measure loss(Part part) {
        return (event, _) ->
                event instanceof RunEvent.Evaluated(_, _, var of, var totals) && of == part
                        ? OptionalDouble.of(totals.meanLoss())
                        : OptionalDouble.empty();
    }

    private static Measure accuracy(Part part) {
        return (event, labelled) ->
                labelled
                                && event instanceof RunEvent.Evaluated(_, _, var of, var totals)
                                && of == part
                        ? OptionalDouble.of((double) totals.correct() / totals.samples())
                        : OptionalDouble.empty();
    }

    private static double seconds(long nanos) {
        return nanos / NANOS;
    }
}
