package dev.tutti.deploy.command;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.support.Cli;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tutti predict} reads and writes. */
class PredictTest {
    private static final String TRAINING =
            "x,w,label\n1,red,a\n2,red,a\n3,blue,b\n4,blue,b\n5,red,a\n6,blue,b\n7,red,a\n8,blue,b\n";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path temporary;

    @Test
    void standardInputIsPredictedAsAFileIs() throws IOException {
        train(TRAINING);
        var rows = "w,id,x\nred,r1,2\nblue,r2,3\n";
        var fromFile = predict(rows);
        assertThat(fromFile.out().lines()).hasSize(3).first().isEqualTo("prediction,a,b");
        assertThat(fromInput(rows.getBytes(UTF_8))).isEqualTo(fromFile.out());
        assertThat(fromInput(("\uFEFF" + rows).getBytes(UTF_16LE))).isEqualTo(fromFile.out());
    }

    @Test
    void columnsAreKeptAndProbabilitiesAddUpTo1() throws IOException {
        train(TRAINING);
        var rows = "w,id,x\nred,\"r,1\",2\nblue,r2,3\n";
        var lines = predict(rows, "--keep", "id,x", "--probabilities").out().lines().toList();
        assertThat(lines.getFirst()).isEqualTo("id,x,prediction,a,b");
        assertThat(lines.get(1)).startsWith("\"r,1\",2,a,");
        var cells = lines.get(2).split(",", -1);
        assertThat(Arrays.copyOf(cells, 3)).containsExactly("r2", "3", "b");
        assertThat(Double.parseDouble(cells[3]) + Double.parseDouble(cells[4]))
                .isCloseTo(1, within(1e-6));
    }

    @Test
    void aLineOfJsonHoldsWhatALineOfTextHolds() throws IOException {
        train(TRAINING);
        var rows = "w,id,x\nred,7,2\n";
        var text = predict(rows, "--keep", "id").out().lines().toList().get(1).split(",", -1);
        var line = predict(rows, "--keep", "id", "--format", "jsonl").out().strip();
        var object = JSON.readTree(line);
        assertThat(object.get("id").asText()).isEqualTo("7");
        assertThat(object.get("prediction").asText()).isEqualTo(text[1]);
        assertThat(object.get("outputs").get("a").floatValue())
                .isEqualTo(Float.parseFloat(text[2]));
        var odds = predict(rows, "--probabilities", "--format", "jsonl").out();
        assertThat(JSON.readTree(odds).get("probabilities")).hasSize(2);
    }

    @Test
    void eachRowHasALineEvenIfAValueIsMissing() throws IOException {
        train(TRAINING, "--missing", "drop");
        var rows = "x,w,id\n1,red,1\n,red,2\n3,?,3\n4,blue,4\n";
        var text = predict(rows, "--keep", "id");
        assertThat(text.out().lines().toList()).hasSize(5).contains("2,,,", "3,,,");
        assertThat(text.err())
                .contains(
                        "warning: 2 of 4 rows have no prediction, since a value is missing; the first"
                                + " is row 2 behind the names");
        var objects = predict(rows, "--format", "jsonl").out().lines().toList();
        assertThat(objects.get(1)).isEqualTo("{\"prediction\":null,\"outputs\":null}");
    }

    @Test
    void aCategoryThatTrainingHadNotIsToldAndOnlyNeededColumnsAreRead() throws IOException {
        train(TRAINING);
        var predicted = predict("note,x,w\nfree text,1,green\n,2,red\n");
        assertThat(predicted.exitCode()).isZero();
        assertThat(predicted.out().lines()).hasSize(3);
        assertThat(predicted.err())
                .contains(
                        "warning: "
                                + temporary.resolve("new.csv")
                                + ": line 2, column \"w\": \"green\" is none of the 2 categories that"
                                + " the model was trained with; it counts as none of them");
    }

    @Test
    void aLogitBecomesAProbability() throws IOException {
        var numbers = TRAINING.replace(",a\n", ",0\n").replace(",b\n", ",1\n");
        train(numbers, "--loss", "binary-cross-entropy");
        var rows = "x,w\n1,red\n";
        var raw = predict(rows).out().lines().toList();
        var odds = predict(rows, "--probabilities").out().lines().toList();
        assertThat(List.of(raw.getFirst(), odds.getFirst())).containsExactly("label", "label");
        var logit = Double.parseDouble(raw.get(1));
        assertThat(Double.parseDouble(odds.get(1)))
                .isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-6));
    }

    @Test
    void whatCannotBeWrittenIsRefusedInOneLine() throws IOException {
        train(TRAINING, "--loss", "mse");
        var rows = "x,w,a\n1,red,2\n";
        assertRefused(predict(rows, "--probabilities"), "the loss mse, whose outputs are no");
        assertRefused(predict(rows, "--keep", "a"), "two columns of this name");
        assertRefused(predict(rows, "--keep", "id"), "there is no column \"id\"");
    }

    private static void assertRefused(Cli run, String message) {
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(message).hasLineCount(1);
    }

    private void train(String text, String... options) throws IOException {
        var file = Files.writeString(temporary.resolve("train.csv"), text);
        var arguments =
                new ArrayList<>(
                        List.of("train", "--data", file.toString(), "--out", folder(), "--test"));
        arguments.addAll(List.of("0", "--validation", "0", "--epochs", "200"));
        arguments.addAll(List.of(options));
        var run = Cli.run(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    private Cli predict(String text, String... options) throws IOException {
        var file = Files.writeString(temporary.resolve("new.csv"), text);
        return predictFrom(file.toString(), options);
    }

    private Cli predictFrom(String source, String... options) {
        var arguments =
                new ArrayList<>(List.of("predict", "--model-dir", folder(), "--data", source));
        arguments.addAll(List.of(options));
        return Cli.run(arguments.toArray(String[]::new));
    }

    private String fromInput(byte[] text) {
        var before = System.in;
        System.setIn(new ByteArrayInputStream(text));
        try {
            return predictFrom("-").out();
        } finally {
            System.setIn(before);
        }
    }

    private String folder() {
        return temporary.resolve("run").toString();
    }
}
