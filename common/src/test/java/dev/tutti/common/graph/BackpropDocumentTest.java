package dev.tutti.common.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.trace.Trace;
import dev.tutti.common.trace.Trace.Flow;
import dev.tutti.common.trace.Trace.LayerTrace;
import dev.tutti.common.trace.Trace.ParameterTrace;
import dev.tutti.common.trace.TraceSvg;
import dev.tutti.common.trace.TraceText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Holds docs/BACKPROP.md to the code that it describes. */
final class BackpropDocumentTest {
    private static final Path DOCUMENTS = Path.of("..", "docs");

    private final Arena arena = Arena.ofConfined();
    private String document = "";

    @BeforeEach
    void read() throws IOException {
        document = Files.readString(DOCUMENTS.resolve("BACKPROP.md"));
    }

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    @Test
    void everyLineOfTheWorkedNetworkIsWhatTheCodeComputes() {
        var expected = numbers(ThreeTwoOne.in(arena).trace());
        var found = new ArrayList<String>();
        for (var line : blocks("text").lines().toList()) {
            var parts = line.split(" = ", -1);
            assertThat(parts).as(line).hasSize(3);
            var result = Double.parseDouble(parts[2]);
            assertThat(expected).containsKey(parts[0]);
            assertThat(expected.get(parts[0])).as(line).isCloseTo(result, within(0.5e-4));
            // The formula is written with rounded numbers, so its last digit may be one off.
            assertThat(Arithmetic.evaluate(parts[1])).as(line).isCloseTo(result, within(1.5e-4));
            found.add(parts[0]);
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected.keySet());
    }

    /** Returns every number of the two passes, by its name in the document. */
    private static Map<String, Double> numbers(Trace trace) {
        var numbers = new LinkedHashMap<String, Double>();
        for (var layer : trace.layers()) {
            var symbol = (layer.parameters().isEmpty() ? "a" : "z") + layer.index();
            for (var i = 0; i < layer.outputs().size(); i++) {
                var flow = layer.outputs().get(i);
                numbers.put("%s[%d]".formatted(symbol, i), flow.value());
                numbers.put("∂C/∂%s[%d]".formatted(symbol, i), flow.gradient());
            }
            layer.parameters().forEach(parameter -> addGradients(layer, parameter, numbers));
        }
        numbers.put("C", trace.cost());
        return numbers;
    }

    private static void addGradients(
            LayerTrace layer, ParameterTrace parameter, Map<String, Double> out) {
        var symbol = parameter.name().equals("weight") ? "W" : "b";
        for (var i = 0; i < parameter.elements().size(); i++) {
            var index = Index.of(parameter.shape(), i);
            out.put(
                    "∂C/∂%s%d%s".formatted(symbol, layer.index(), index),
                    parameter.elements().get(i).gradient());
        }
    }

    @Test
    void theWorkedNetworkHasTheWeightsOfTheDocument() {
        var matrices = document.lines().filter(line -> line.matches(" {4}[ Wb02=]*\\[.*")).toList();
        var written = new ArrayList<Double>();
        for (var column : List.of("^[^\\[]*\\[([^\\]]*)\\]", "\\[([^\\]]*)\\]\\s*$")) {
            for (var line : matrices.subList(0, 2)) {
                written.addAll(numbersIn(line, column));
            }
        }
        for (var column : List.of("^[^\\[]*\\[([^\\]]*)\\]", "\\[([^\\]]*)\\]\\s*$")) {
            written.addAll(numbersIn(matrices.get(2), column));
        }
        var weights =
                ThreeTwoOne.in(arena).trace().layers().stream()
                        .flatMap(layer -> layer.parameters().stream())
                        .flatMap(parameter -> parameter.elements().stream())
                        .map(Flow::value)
                        .map(value -> Math.round(value * 1e6) / 1e6)
                        .toList();
        assertThat(written).isEqualTo(weights);
    }

    private static List<Double> numbersIn(String line, String column) {
        var matcher = Pattern.compile(column).matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return Arrays.stream(matcher.group(1).strip().split("\\s+")).map(Double::valueOf).toList();
    }

    @Test
    void theTraceIsTheOneThatTheCommandPrints() {
        assertThat(blocks("trace")).isEqualTo(TraceText.of(ThreeTwoOne.in(arena).trace()));
    }

    @Test
    void theDrawingIsTheOneThatTheCommandWrites() throws IOException {
        var drawing = TraceSvg.of(ThreeTwoOne.in(arena).trace());
        var fresh = Files.writeString(Path.of("target", "three-two-one.svg"), drawing);
        assertThat(DOCUMENTS.resolve("images/three-two-one.svg"))
                .as("replace it by %s", fresh)
                .hasContent(drawing);
    }

    @Test
    void everyNodeLayerAndLossHasItsRule() {
        for (var operation : Operation.class.getPermittedSubclasses()) {
            assertThat(document).contains("\n| `" + operation.getSimpleName() + "` |");
        }
        for (var name : Layers.CATALOGUE.names()) {
            assertThat(document).contains("\n| `" + name + "` |");
        }
        for (var name : Losses.CATALOGUE.names()) {
            assertThat(document).contains("\n| `" + name + "` |");
        }
    }

    @Test
    void everyLinkLeadsToAFile() {
        var links = Pattern.compile("\\]\\(([^)#]+)\\)").matcher(document);
        var count = 0;
        while (links.find()) {
            assertThat(DOCUMENTS.resolve(links.group(1))).exists();
            count++;
        }
        assertThat(count).isGreaterThan(10);
    }

    private String blocks(String kind) {
        var matcher =
                Pattern.compile("^```" + kind + "\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
                        .matcher(document);
        var text = new StringBuilder();
        while (matcher.find()) {
            text.append(matcher.group(1));
        }
        return text.toString();
    }
}
