package dev.tutti.deploy.report.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tutti diff}, and the options whose files it reads, over real runs of a second. */
class DiffTest {
    @TempDir private static Path temporary;

    @BeforeAll
    static void runs() {
        train("plain");
        train(
                "seen",
                "--observe",
                "every=5",
                "--shadow",
                "median,krum(1)",
                "--prove",
                "every=10",
                "--record-digests",
                "every=1");
        train("again", "--workers", "3", "--record-digests", "every=1");
        train("other", "--optimizer", "sgd(rate=0.2)", "--record-digests", "every=1");
        train("cut", "--shards", "4", "--record-digests", "every=1");
    }

    private static void train(String name, String... options) {
        var all =
                new ArrayList<>(
                        List.of(
                                "train",
                                "--steps",
                                "20",
                                "--shards",
                                "8",
                                "--batch",
                                "64",
                                "--optimizer",
                                "sgd(rate=0.1)",
                                "--kernel",
                                "plain",
                                "--out",
                                temporary.resolve(name).toString()));
        for (var i = 0; i < options.length; i += 2) {
            var place = all.indexOf(options[i]);
            if (place < 0) {
                all.addAll(List.of(options[i], options[i + 1]));
            } else {
                all.set(place + 1, options[i + 1]);
            }
        }
        var ended = Cli.run(all.toArray(String[]::new));
        assertThat(ended.exitCode()).as(ended.err()).isZero();
    }

    @Test
    void aRunThatIsLookedAtHasTheSameBits() {
        var text = diff("plain", "seen").out();
        assertThat(text)
                .contains("observe: default -> every=5")
                .contains("shadow: default -> median,krum(1)")
                .contains("bits      none: the final weights have the same bits")
                .doesNotContain("batch");
    }

    @Test
    void runsOfOtherClustersHaveTheSameDigests() {
        assertThat(diff("seen", "again").out()).contains("bits      none");
    }

    @Test
    void anotherRateIsFoundInTheSecondStep() {
        var text = diff("seen", "other").out();
        assertThat(text)
                .contains("optimizer: sgd(rate=0.1) -> sgd(rate=0.2)")
                .contains("step 2 is the first recorded one whose gradients differ: 24 of 24");
        assertThat(diff("seen", "other", "--json").out())
                .startsWith("{\"settings\":[")
                .contains("\"bits\":{\"same\":false")
                .contains("\"step\":2,\"places\":[{\"shard\":0,\"layer\":\"0\",\"workerA\":");
    }

    /** As if a worker had computed one layer of one shard in another way. */
    @Test
    void oneLeafIsNamedWithItsStepLayerShardAndWorker() throws IOException {
        var copy = copy("again", "leaf");
        var file = copy.resolve("digests.jsonl");
        var lines = new ArrayList<>(Files.readAllLines(file));
        var leaves = lines.get(6).substring(lines.get(6).indexOf("\"leaves\":"));
        var found = Pattern.compile("[0-9a-f]{16}").matcher(leaves);
        // Behind those of five shards, the second of three layers.
        var leaf = found.results().skip(3 * 5 + 1).findFirst().orElseThrow().group();
        lines.set(
                6,
                lines.get(6)
                        .replace(leaf, "0123456789abcdef")
                        .replaceFirst("\"root\":\"[0-9a-f]+", "\"root\":\"0123456789abcdef"));
        Files.write(file, lines);
        assertThat(diff("seen", "leaf").out())
                .containsPattern(
                        "step 7 is the first recorded one whose gradients differ: 1 of 24, first layer 2 of shard 5 \\(computed by worker \\d+ and by worker \\d+\\)");
    }

    @Test
    void otherShardsCannotBeComparedOneByOne() {
        assertThat(diff("seen", "cut").out())
                .contains("cannot be compared one by one: the runs have other shards or layers");
    }

    @Test
    void withoutDigestsTheLossTellsTheStep() {
        assertThat(diff("plain", "other").out())
                .contains("step 2 is the first one whose loss differs")
                .contains("with --record-digests every=1 both runs would tell");
    }

    @Test
    void whatIsNoRunOrOfOtherDataIsRefused() throws IOException {
        var missing = Cli.run("diff", temporary.resolve("plain").toString(), "nowhere");
        assertThat(missing.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(missing.err()).contains("nowhere is not the folder of a run");
        var copy = copy("plain", "data");
        var settings = Files.readString(copy.resolve("run.conf"));
        Files.writeString(copy.resolve("run.conf"), settings.replace("=digits", "=iris"));
        var other = diff("plain", "data");
        assertThat(other.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(other.err())
                .contains("cannot be compared: they were trained on digits and on iris");
    }

    @Test
    void whatWasSeenIsWritten() throws IOException {
        var lines = Files.readAllLines(temporary.resolve("seen").resolve("observations.jsonl"));
        assertThat(lines).hasSize(4);
        assertThat(lines.getFirst())
                .startsWith("{\"step\":5,\"batch\":64,\"shards\":8,\"workers\":[0,1,2,3,4,5,6,7],")
                .contains("\"rule\":\"krum(f=1)\",\"ofRun\":false,\"cosine\":")
                .doesNotContain("proof");
        assertThat(lines.get(1)).contains("\"proof\":{\"holds\":true,\"error\":");
        assertThat(Files.readString(temporary.resolve("seen").resolve("summary.json")))
                .contains("\"noiseScale\"")
                .contains("\"proofError\"");
        var page = temporary.resolve("page.html");
        var written =
                Cli.run("report", temporary.resolve("seen").toString(), "--out", page.toString());
        assertThat(written.exitCode()).isZero();
        assertThat(Files.readString(page))
                .contains("gradient noise scale, in samples against steps")
                .contains("median cosine of the shards to their mean against samples")
                .contains("What rules make of the same gradients")
                .contains("krum(f=1)")
                .contains("Proofs");
    }

    @Test
    void mistakesHaveALineEach() {
        refused("--observe must be every=N", "--observe", "20");
        refused("--prove must be every=N", "--prove", "every=0");
        refused("give --observe every=20 too", "--shadow", "median");
        refused(
                "needs at least 13 vectors, and a step has 4",
                "--observe",
                "every=2",
                "--shadow",
                "krum(5)");
        refused("steps of --sync stale(s=1)", "--prove", "every=2", "--sync", "stale(1)");
        refused(
                "take batch-norm(over=batch)",
                "--prove",
                "every=2",
                "--model",
                "dense(8),batch-norm,dense");
    }

    private static void refused(String line, String... options) {
        var all =
                new ArrayList<>(
                        List.of(
                                "train",
                                "--steps",
                                "2",
                                "--out",
                                temporary.resolve("refused").toString()));
        all.addAll(List.of(options));
        var ended = Cli.run(all.toArray(String[]::new));
        assertThat(ended.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(ended.err()).contains(line);
    }

    private static Cli diff(String a, String b, String... options) {
        var all =
                new ArrayList<>(
                        List.of(
                                "diff",
                                temporary.resolve(a).toString(),
                                temporary.resolve(b).toString()));
        all.addAll(List.of(options));
        return Cli.run(all.toArray(String[]::new));
    }

    private static Path copy(String from, String to) throws IOException {
        var folder = Files.createDirectories(temporary.resolve(to));
        for (var file :
                List.of(
                        "run.conf",
                        "steps.jsonl",
                        "epochs.jsonl",
                        "digests.jsonl",
                        "summary.json")) {
            var source = temporary.resolve(from).resolve(file);
            if (Files.exists(source)) {
                Files.copy(source, folder.resolve(file));
            }
        }
        return folder;
    }
}
