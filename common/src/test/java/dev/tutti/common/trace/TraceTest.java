package dev.tutti.common.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.graph.Batches;
import dev.tutti.common.graph.ForwardMode;
import dev.tutti.common.graph.ThreeTwoOne;
import dev.tutti.common.graph.form.ModelGraph;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.io.StringReader;
import java.lang.foreign.Arena;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

final class TraceTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    @Test
    void theWorkedNetworkIsLaidOutAlongItsLayers() {
        assertThat(TraceText.of(ThreeTwoOne.in(arena).trace()))
                .isEqualTo(
                        """
                        dense(units=2),sigmoid,dense(units=1),sigmoid, quadratic, sample 0
                        Under each number of the forward pass stands the cost's derivative by it, ∂C/∂.

                        input  3 values
                          x  0.5000  -1.0000  0.8000

                        layer 0  dense(units=2)  3 → 2  z = W·x + b, δ = ∂C/∂z
                          unit            W 0      W 1      W 2        b        z
                             0         0.4000  -0.2000   0.1000   0.1000   0.5800
                                ∂C/∂  -0.0074   0.0149  -0.0119  -0.0149  -0.0149
                             1        -0.3000   0.6000   0.5000  -0.1000  -0.4500
                                ∂C/∂   0.0055  -0.0110   0.0088   0.0110   0.0110

                        layer 1  sigmoid  2 → 2
                          a       0.6411  0.3894
                          ∂C/∂a  -0.0646  0.0461

                        layer 2  dense(units=1)  2 → 1  z = W·a + b, δ = ∂C/∂z
                          unit            W 0      W 1        b        z
                             0         0.7000  -0.5000   0.2000   0.4541
                                ∂C/∂  -0.0591  -0.0359  -0.0923  -0.0923

                        layer 3  sigmoid  1 → 1
                          a       0.6116
                          ∂C/∂a  -0.3884

                        cost  quadratic
                          y  1.0000
                          C  0.0754

                        local derivatives evaluated for all 11 weights
                          reverse mode  28 in 1 sweep
                          forward mode  308 in 11 sweeps, one for each weight
                        """);
    }

    @Test
    void theTraceShowsTheGradientThatTrainingUses() {
        var batch = Batches.draw(arena, "dense(4),gelu,dense(3)", Shape.of(5), 3, "mse", 1);
        var trace =
                Trace.of(
                        batch.model(),
                        batch.loss(),
                        batch.weights(),
                        batch.workspace(),
                        batch.pass());
        var gradient = Floats.allocate(arena, batch.model().vectorLength());
        var cost =
                batch.model()
                        .lossAndGradient(
                                new PlainKernel(),
                                batch.loss(),
                                batch.weights(),
                                batch.workspace(),
                                1,
                                batch.pass(),
                                gradient);
        assertThat(trace.cost()).isCloseTo(cost, within(1e-5));
        assertThat(trace.sample()).isEqualTo(100);
        var traced =
                trace.layers().stream()
                        .flatMap(layer -> layer.parameters().stream())
                        .flatMap(parameter -> parameter.elements().stream())
                        .toList();
        assertThat(traced).hasSize(Math.toIntExact(batch.model().parameterCount()));
        for (var i = 0; i < traced.size(); i++) {
            assertThat(traced.get(i).gradient()).isCloseTo(Floats.get(gradient, i), within(1e-5));
            assertThat(traced.get(i).value()).isEqualTo(Floats.get(batch.weights(), i));
        }
    }

    @Test
    void theEffortIsWhatTheModesCount() {
        var batch = Batches.draw(arena, "dense(4),tanh,dense(2)", Shape.of(3), 2, "mse", 1);
        var graph =
                ModelGraph.of(
                        batch.model(),
                        batch.loss(),
                        batch.weights(),
                        batch.workspace(),
                        1,
                        batch.pass());
        var effort = trace(batch).effort();
        assertThat(effort.weights()).isEqualTo(3 * 4 + 4 + 4 * 2 + 2);
        assertThat(effort.reverse()).isEqualTo(graph.graph().edgeCount());
        assertThat(effort.forward())
                .isEqualTo(
                        graph.graph().variableCount()
                                * ForwardMode.sweep(graph.graph(), 0, graph.point())
                                        .derivativeEvaluations());
    }

    private static Trace trace(Batches batch) {
        return Trace.of(
                batch.model(), batch.loss(), batch.weights(), batch.workspace(), batch.pass());
    }

    @Test
    void whatDoesNotFitIsCounted() throws Exception {
        var trace =
                trace(
                        Batches.draw(
                                arena,
                                "dense(30),relu,dense(20)",
                                Shape.of(1, 28, 28),
                                20,
                                "softmax-cross-entropy",
                                1));
        assertThat(TraceText.of(trace))
                .contains("  … and 768 more of x\n")
                .contains("  … and 14 more units\n  … and 768 more inputs of each unit\n")
                .contains("  … and 14 more of a\n")
                .contains("  … and 4 more units\n  … and 14 more inputs of each unit\n");
        var drawing = TraceSvg.of(trace);
        assertThat(drawing).contains(">… 768 more<").contains(">… 14 more<").contains(">… 4 more<");
        assertThat(parsed(drawing).getElementsByTagName("path").getLength())
                .isEqualTo(16 * 16 + 16 * 16 + 16 + 2);
    }

    @Test
    void theDrawingIsSelfContainedXmlWithEveryNumber() throws Exception {
        var trace = ThreeTwoOne.in(arena).trace();
        var drawing = TraceSvg.of(trace);
        var texts = parsed(drawing).getElementsByTagName("text");
        var written = new StringBuilder();
        for (var i = 0; i < texts.getLength(); i++) {
            written.append(texts.item(i).getTextContent()).append('\n');
        }
        for (var layer : trace.layers()) {
            for (var flow : layer.outputs()) {
                assertThat(written).contains(Numbers.brief(flow.value()) + "\n");
                assertThat(written).contains(Numbers.brief(flow.gradient()) + "\n");
            }
            for (var parameter : layer.parameters()) {
                for (var flow : parameter.elements()) {
                    assertThat(written).contains(Numbers.brief(flow.value()) + "\n");
                    assertThat(written).contains(Numbers.brief(flow.gradient()) + "\n");
                }
            }
        }
        assertThat(written).contains("28 by reverse mode in one sweep, 308 by forward mode in 11.");
        assertThat(drawing).doesNotContain("href").doesNotContain("url(").doesNotContain("NaN");
    }

    private static Document parsed(String drawing) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(drawing)));
    }

    @Test
    void aTraceDoesNotDependOnTheCountry() {
        var trace = ThreeTwoOne.in(arena).trace();
        var text = TraceText.of(trace);
        var drawing = TraceSvg.of(trace);
        var before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(TraceText.of(trace)).isEqualTo(text);
            assertThat(TraceSvg.of(trace)).isEqualTo(drawing);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void numbersAreShortAndKeepTheirSign() {
        assertThat(Numbers.brief(0)).isEqualTo("0");
        assertThat(Numbers.brief(-0.12345)).isEqualTo("-0.1235");
        assertThat(Numbers.brief(-98.12345)).isEqualTo("-98.1235");
        assertThat(Numbers.brief(-98765.4321)).isEqualTo("-98765.4");
        assertThat(Numbers.brief(-1234567.8)).isEqualTo("-1.2e+06");
        assertThat(Numbers.brief(-0.0000123)).isEqualTo("-1.2e-05");
    }
}
