package dev.tutti.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.vector.Floats;
import dev.tutti.deploy.support.Cli;
import dev.tutti.worker.data.numpy.NpzArchive;
import dev.tutti.worker.data.numpy.NpzWriter;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tutti predict} for data that is no table of text, and its arrays. */
class PredictSourcesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final float[] SAMPLES = {0, 5, 1, 6, 9, 2, 8, 1, 0, 6, 9, 1, 1, 7, 8, 2};

    @TempDir Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"blobs(90,2,3)", "spirals(90,3)", "synthetic(90,1x4x4,3)"})
    void predictSaysWhatEvaluateMeasures(String data) throws IOException {
        train("--data", data, "--standardize");
        var lines = predict("--data", data).out().lines().skip(1).toList();
        assertThat(lines).hasSize(90);
        var right = 0;
        for (var i = 0; i < lines.size(); i++) {
            right += lines.get(i).startsWith(i % 3 + ",") ? 1 : 0;
        }
        var evaluated = Cli.run("evaluate", "--model-dir", folder(), "--data", data, "--json");
        assertThat(JSON.readTree(evaluated.out()).get("accuracy").asDouble())
                .isCloseTo(right / 90.0, within(1e-9));
    }

    @Test
    void arraysGoInAndArraysComeOut() throws IOException {
        var known = npz("known.npz", true);
        train("--data", known.toString());
        var text = predict("--data", npz("new.npz", false).toString()).out().lines().toList();
        assertThat(text).hasSize(9).first().isEqualTo("prediction,3,5");
        var arrays = arrays("--data", npz("new.npz", false).toString(), "--probabilities");
        try (var store = NpzArchive.open(arrays)) {
            assertThat(store.names()).containsExactly("prediction", "probabilities", "classes");
            assertThat(numbers(store, "classes")).containsExactly(3.0, 5.0);
            var predictions = numbers(store, "prediction");
            var probabilities = numbers(store, "probabilities");
            assertThat(store.array("probabilities").header().shape()).containsExactly(8, 2);
            for (var row = 0; row < 8; row++) {
                assertThat(text.get(row + 1))
                        .startsWith("%d,".formatted(predictions.get(row).intValue()));
                assertThat(probabilities.get(2 * row) + probabilities.get(2 * row + 1))
                        .isCloseTo(1, within(1e-6));
            }
        }
    }

    @Test
    void columnsThatAreKeptAreNumbersOrTexts() throws IOException {
        var rows = "id,town,x,w,y\n1,007,1,?,a\n2,010,2,u,b\n3,099,,v,a\n4,1,4,u,b\n";
        var file = Files.writeString(temporary.resolve("t.csv"), rows).toString();
        train("--data", file, "--features", "x", "--missing", "drop");
        var arrays = arrays("--data", file, "--keep", "id,town,x");
        try (var store = NpzArchive.open(arrays)) {
            assertThat(numbers(store, "id")).containsExactly(1.0, 2.0, 3.0, 4.0);
            assertThat(numbers(store, "x")).containsExactly(1.0, 2.0, Double.NaN, 4.0);
            assertThat(numbers(store, "outputs").subList(4, 6))
                    .containsExactly(Double.NaN, Double.NaN);
        }
        assertThat(texts(arrays, "town")).containsExactly("007", "010", "099", "1");
        assertThat(texts(arrays, "prediction")).hasSize(4).element(2).isEqualTo("");
        assertThat(refused("predict", "--data", file, "--keep", "id,id", "--format", "npz"))
                .contains("--keep id: the predictions would have two columns of this name");
    }

    @Test
    void realValuesAreOneArray() throws IOException {
        train("--data", "regression(40,3)", "--standardize-targets");
        var text = predict("--data", "regression(40,3)").out().lines().skip(1).toList();
        try (var store = NpzArchive.open(arrays("--data", "regression(40,3)"))) {
            assertThat(store.names()).containsExactly("prediction");
            assertThat(store.array("prediction").header().shape()).containsExactly(40);
            var numbers = numbers(store, "prediction");
            for (var row = 0; row < text.size(); row++) {
                assertThat(numbers.get(row).floatValue())
                        .isEqualTo(Float.parseFloat(text.get(row)));
            }
        }
    }

    @Test
    void picturesOfAnySizeArePredictedByTheirFiles() throws IOException {
        for (var i = 0; i < 6; i++) {
            picture("photos/%s/%d.png".formatted(i % 2 == 0 ? "dark" : "light", i), 4, i % 2 * 200);
        }
        train("--data", temporary.resolve("photos").toString());
        var large = picture("new/large.png", 8, 200);
        var small = picture("new/small.png", 4, 0);
        var told = predict("--data", temporary.resolve("new").toString(), "--keep", "file");
        assertThat(told.out().lines().map(line -> line.replaceFirst("(?:,[^,]*){2}$", "")))
                .containsExactly("file,prediction", large + ",light", small + ",dark");
        assertThat(told.err()).contains("all images were resized to 4x4");
        var one = predict("--data", small.toString()).out().lines().toList();
        assertThat(one).hasSize(2).last().asString().startsWith("dark,");
    }

    @Test
    void standardInputHasAnyForm() throws IOException {
        train("--data", npz("known.npz", true).toString());
        var file = npz("new.npz", false);
        var previous = System.in;
        try {
            System.setIn(Files.newInputStream(file));
            assertThat(predict("--data", "-").out())
                    .isEqualTo(predict("--data", file.toString()).out());
        } finally {
            System.setIn(previous);
        }
    }

    @Test
    void dataOfAnotherShapeOrWithoutColumnsIsRefusedInOneLine() throws IOException {
        train("--data", "digits");
        assertThat(refused("predict", "--data", "blobs(9,2,3)"))
                .contains(
                        "blobs(9,2,3) has samples of 2, the model takes 1×8×8: give samples as it was trained with");
        assertThat(refused("predict", "--data", "synthetic(3,1x4x4,2)"))
                .contains("has samples of 1×4×4, the model takes 1×8×8: resize them to 8×8");
        assertThat(refused("evaluate", "--data", "synthetic(3,1x4x4,10)"))
                .contains("has samples of 1×4×4, the model takes 1×8×8: resize them to 8×8");
        assertThat(refused("predict", "--data", "digits", "--keep", "id"))
                .contains("data \"digits\" has no columns with names: leave out --keep id");
        assertThat(refused("predict", "--data", "digits", "--delimiter", "tab"))
                .contains("data \"digits\" is no table of text: leave out --header");
        assertThat(refused("predict", "--data", "nothing.npz")).contains("no such file");
    }

    private void train(String... options) {
        var arguments = new ArrayList<>(List.of("train", "--out", folder(), "--epochs", "20"));
        arguments.addAll(List.of("--test", "0", "--validation", "0"));
        arguments.addAll(List.of(options));
        var run = Cli.run(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private Cli predict(String... options) {
        var arguments = new ArrayList<>(List.of("predict", "--model-dir", folder()));
        arguments.addAll(List.of(options));
        var run = Cli.run(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    private Path arrays(String... options) throws IOException {
        var arguments =
                new ArrayList<>(List.of("predict", "--model-dir", folder(), "--format", "npz"));
        arguments.addAll(List.of(options));
        var out = new ByteArrayOutputStream();
        var run =
                Cli.run(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return Files.write(temporary.resolve("predictions.npz"), out.toByteArray());
    }

    private String refused(String command, String... options) {
        var arguments = new ArrayList<>(List.of(command, "--model-dir", folder()));
        arguments.addAll(List.of(options));
        var run = Cli.run(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasLineCount(1);
        return run.err();
    }

    private static List<Double> numbers(NpzArchive store, String name) throws IOException {
        var numbers = new ArrayList<Double>();
        store.array(name).read((_, value) -> numbers.add(value));
        return numbers;
    }

    /** Returns the texts of an array, which no data source reads. */
    private static List<String> texts(Path archive, String name) throws IOException {
        try (var zip = new ZipFile(archive.toFile());
                var in = zip.getInputStream(zip.getEntry(name + ".npy"))) {
            var bytes = in.readAllBytes();
            var header = new String(bytes, 10, 118, StandardCharsets.ISO_8859_1);
            var width = Integer.parseInt(header.replaceFirst("(?s).*<U(\\d+)'.*", "$1")) * 4;
            var texts = new ArrayList<String>();
            for (var at = 128; at < bytes.length; at += width) {
                texts.add(
                        new String(bytes, at, width, StandardCharsets.UTF_32LE).replace("\0", ""));
            }
            return texts;
        }
    }

    private Path npz(String name, boolean labelled) throws IOException {
        var file = temporary.resolve(name);
        try (var out = Files.newOutputStream(file);
                var npz = new NpzWriter(out)) {
            npz.floats("x", List.of(8, 2), Floats.of(Arena.ofAuto(), SAMPLES));
            if (labelled) {
                npz.wholes("y", new long[] {3, 3, 5, 5, 3, 5, 3, 5});
            }
        }
        return file;
    }

    private Path picture(String name, int size, int grey) throws IOException {
        var file = temporary.resolve(name);
        Files.createDirectories(file.getParent());
        var image = new BufferedImage(size, size, BufferedImage.TYPE_BYTE_GRAY);
        var pixels = new int[size * size];
        Arrays.fill(pixels, grey);
        image.getRaster().setSamples(0, 0, size, size, 0, pixels);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private String folder() {
        return temporary.resolve("run").toString();
    }
}
