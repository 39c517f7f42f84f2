package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.support.Cli;
import dev.tutti.deploy.support.CommandProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Short runs whose weights are written down: a change of the program does not move a bit of them.
 * They go through the command line alone, so that no change inside the program changes this test,
 * and use the plain kernel, which gives the same bits on every processor.
 *
 * <p>A change of bits on purpose changes a constant here, and has a line in CHANGELOG.md.
 */
class PinnedBitsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PIXELS = "synthetic(90,1x8x8,5)";
    private static final String VALUES = "synthetic(90,6,3)";
    private static final String SMALL = "dense(12),relu,dense";

    private static final String PLAIN = "--kernel plain --seed 7 --json";
    private static final String RELAYED =
            "--data %s --model %s --shards 6 --batch 24 --steps 40".formatted(VALUES, SMALL);
    private static final String RESUMED =
            "--data %s --model dense(12),batch-norm,relu,dropout(0.2),dense --optimizer adam(rate=0.01) --schedule cosine --patience 9 --epochs 20 --checkpoint-every 5 --workers 2 --chaos kill-coordinator(step=23)"
                    .formatted(VALUES);

    private static final String RELAYED_DIGEST =
            "b78a68c4c27b6e5678cb622e212ee4363479b9bbf0ce81448687c2fb51e7077a";
    private static final String RESUMED_DIGEST =
            "7d496a9b399c24cd6881f948e8e0ce4f217213f1ae506187f6a62d0924e45d3d";
    private static final Pattern PORT = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");

    @TempDir Path temporary;

    /**
     * A run.
     *
     * @param name says what it holds
     * @param options as they are typed, with blanks between them
     * @param digest of its weights, by SHA-256
     */
    record Pinned(String name, String options, String digest) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Pinned> runs() {
        return Stream.of(
                new Pinned(
                        "all defaults",
                        "--data digits --steps 30 --workers 2",
                        "d84c18190aeafe402839a36b9606ed32687638afabe34ac369e4f175658392ea"),
                new Pinned(
                        "convolutions and pools",
                        "--data %s --steps 9 --workers 2 --model %s"
                                .formatted(
                                        PIXELS,
                                        "conv2d(4,kernel=3,padding=1),relu,max-pool(2),conv2d(6,kernel=3,stride=1),tanh,average-pool(2),flatten,dense"),
                        "739bd9b95b3b1dea23ff2c638f7709c7ce4b173bbecb9fa87fafa26a53362bcf"),
                new Pinned(
                        "residual blocks and batch normalisation",
                        "--data %s --steps 9 --workers 3 --batch 48 --shards 3 --model %s"
                                .formatted(
                                        PIXELS,
                                        "conv2d(4,kernel=3,padding=1),batch-norm,relu,residual(conv2d(4,kernel=3,padding=1),batch-norm,relu),global-average-pool,dense"),
                        "74091cd85f2c7a02555c936b9fbb00b5d5d86735c6ab65c609d121f7860527d3"),
                new Pinned(
                        "batch normalisation over the batch",
                        "--data %s --steps 9 --workers 3 --shards 4 --model %s"
                                .formatted(VALUES, "dense(10),batch-norm(over=batch),relu,dense"),
                        "8f965a33643c864097bce33f9ce75545244d577073fda99ed45b4d8cb797f867"),
                new Pinned(
                        "layer normalisation, gelu and dropout",
                        "--data %s --steps 12 --workers 2 --model %s"
                                .formatted(
                                        VALUES,
                                        "dense(12),layer-norm,gelu,dropout(0.25),dense(8),elu,dense"),
                        "c85605f126a51cc933841dabcfe3ca95b21be13d42c57a1b7a1df622a4c06db8"),
                new Pinned(
                        "other activations",
                        "--data %s --steps 12 --workers 2 --model %s"
                                .formatted(
                                        VALUES,
                                        "dense(12),maxout(3),dense(8),softplus,dense(8),leaky-relu(slope=0.1),dense(6),sigmoid,dense"),
                        "004b19a5fe3e62e1e7e3cd82c8e7c7fcecd0804fce0fcd2a2ae9750cc32e81e8"),
                new Pinned(
                        "an optimizer of whole matrices",
                        "--data %s --steps 12 --workers 2 --optimizer muon(rate=0.02) --model dense(12),tanh,dense"
                                .formatted(VALUES),
                        "7484df13f1bf38461e9a94b3db92e1491c66ccf60e1a44e6db57bceda948ce16"),
                new Pinned(
                        "embedding",
                        "--data WORDS --targets kind --steps 12 --workers 2 --validation 0.2 --model embedding(7,4),flatten,dense(6),tanh,dense",
                        "36932549100f9b563e2798544826c9a42b4f6db8916ded02580c7f056717e3d5"),
                new Pinned(
                        "mean squared error, categories and standardised columns",
                        "--data TABLE --targets price --standardize --standardize-targets --missing mean --steps 12 --workers 2 --model "
                                + SMALL,
                        "317f4c1937f0989d0b69453b7190ff0af654b5438f0438057ad4fdaab3541b1a"),
                new Pinned(
                        "mean absolute error",
                        "--data TABLE --targets price --missing median --loss mae --steps 12 --workers 3 --model "
                                + SMALL,
                        "02a439ee4c82d472025a512435a3a8631a0a3ce9c371bf938a111c8d11ed00aa"),
                new Pinned(
                        "quadratic loss, Nesterov's momentum, steps of the rate",
                        "--data %s --loss quadratic --optimizer sgd(rate=0.1,momentum=0.9,nesterov=true,weight-decay=0.001) --schedule step(every=4,factor=0.5) --steps 12 --workers 2 --model dense(12),relu,dense,sigmoid"
                                .formatted(VALUES),
                        "1f6b0034bb3601a7f61b93e308ff9e47c0fe33d5faddd8a98c0a657840953850"),
                new Pinned(
                        "binary cross-entropy, AdamW, warm-up and cosine",
                        "--data %s --loss binary-cross-entropy --optimizer adamw(rate=0.01) --schedule warmup(4,cosine) --steps 12 --workers 2 --model dense(12),relu,dense,sigmoid"
                                .formatted(VALUES),
                        "1cb5130307aca58019d53463d9d76a5d487620553514337cbcbe104742d4385b"),
                new Pinned(
                        "plain descent, class weights, clipped norm, both regularisers",
                        "--data %s --optimizer sgd(rate=0.2) --schedule exponential(0.9) --class-weights 0=2,2=0.5 --clip-norm 0.5 --regularizer l2(0.01),l1(0.001) --steps 12 --workers 2 --model %s"
                                .formatted(VALUES, SMALL),
                        "355d1e0f14ac3025ac8c1d5070afe74120afa5060289bb9eb6448b1a9cec6839"),
                new Pinned(
                        "accumulated batches, short last ones, no shuffling",
                        "--data %s --batch 14 --shards 5 --accumulate 3 --shuffle false --epochs 6 --workers 4 --model %s"
                                .formatted(VALUES, SMALL),
                        "7cbad04da3cf4042b192b0845fa95badb0b632c65dfda1661fcdfac404a0e4af"),
                new Pinned(
                        "bfloat16 on the wire",
                        "--data %s --wire bf16 --shards 3 --batch 24 --steps 12 --workers 3 --model %s"
                                .formatted(VALUES, SMALL),
                        "64246b8db171ac495a2207f56e28d764f4b01f779b3298cffe37b6fc7a717ca6"),
                new Pinned(
                        "bfloat16 in products and on the wire, between processes",
                        "--data %s --precision bf16 --wire bf16 --accumulate 2 --shards 4 --steps 6 --workers 2 --processes 2 --model %s"
                                .formatted(VALUES, SMALL),
                        "c19ab6ddb1ba570c55439fa51a60476e37f9e74a35c556f8aa2e7c6160e68a5f"),
                new Pinned(
                        "early stop with the best weights, a rate scaled with the batch",
                        "--data %s --patience 2 --epochs 30 --batch 40 --scale-rate-from 10 --validation 0.3 --workers 1 --optimizer adam(rate=0.05) --model %s"
                                .formatted(VALUES, SMALL),
                        "57cde51fc3e8452752577e7dfee1d3e3219a1f1448a26b7a1c35eba3e658f510"),
                new Pinned(
                        "spirals, uniform Glorot, one shard",
                        "--data spirals(120,3) --initializer xavier-uniform --shards 1 --steps 20 --workers 2 --model dense(16),tanh,dense(16),tanh,dense",
                        "700d00c734cbaa416af0ec65418d7a307d704db2d5938a78843c7e977dc7ab9d"),
                new Pinned(
                        "regression, LeCun, many shards",
                        "--data regression(120,5) --initializer lecun-normal --shards 13 --batch 39 --steps 12 --workers 3 --model "
                                + SMALL,
                        "7248e0153c225390b41bace9e639f4e33aebe18692d5c8bccd71fe97ffcb0ac4"));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void trainsTheWeightsThatAreWrittenDown(Pinned run) throws IOException {
        var options =
                run.options()
                        .replace("TABLE", table().toString())
                        .replace("WORDS", words().toString());

        assertThat(digest(cli("train --out %s %s %s".formatted(folder("run"), PLAIN, options))))
                .isEqualTo(run.digest());
    }

    @Test
    void aResumedRunTrainsTheWeightsThatAreWrittenDown() throws Exception {
        var folder = folder("resumed");
        try (var killed =
                process("train --out %s %s --processes 1 %s".formatted(folder, PLAIN, RESUMED))) {
            assertThat(killed.exitCode()).as(killed.output()).isNotZero();
        }

        assertThat(digest(cli("resume %s --json --processes 0".formatted(folder))))
                .isEqualTo(RESUMED_DIGEST);
    }

    @Test
    void workersBehindARelayTrainTheWeightsThatAreWrittenDown() throws Exception {
        try (var coordinator =
                process(
                        "coordinator --out %s --listen 127.0.0.1:0 --start-workers 3 --seed 7 --json %s"
                                .formatted(folder("relayed"), RELAYED))) {
            var top = address(coordinator);
            try (var relay = process("relay --listen 127.0.0.1:0 --coordinator " + top);
                    var _ = worker(top, 1);
                    var _ = worker(address(relay), 2)) {
                assertThat(coordinator.exitCode()).as(coordinator.output()).isZero();
            }
            assertThat(coordinator.output())
                    .contains("\"weightsDigest\":\"%s\"".formatted(RELAYED_DIGEST));
        }

        assertThat(digest(cli("train --out %s %s %s".formatted(folder("alone"), PLAIN, RELAYED))))
                .isEqualTo(RELAYED_DIGEST);
    }

    private CommandProcess worker(String address, int workers) throws IOException {
        return process(
                "worker --kernel plain --coordinator %s --workers %d".formatted(address, workers));
    }

    private CommandProcess process(String command) throws IOException {
        return CommandProcess.start(temporary, List.of(), List.of(command.split(" ")));
    }

    private static Cli cli(String command) {
        return Cli.run(command.split(" "));
    }

    private static String address(CommandProcess listener) throws InterruptedException {
        listener.awaitOutput(said -> PORT.matcher(said).find());
        var found = PORT.matcher(listener.output());
        assertThat(found.find()).isTrue();
        return "127.0.0.1:" + found.group(1);
    }

    private static String digest(Cli command) throws IOException {
        assertThat(command.exitCode()).as(command.err()).isZero();
        return JSON.readTree(command.lastLine()).get("weightsDigest").asText();
    }

    private String folder(String name) {
        return temporary.resolve(name).toString();
    }

    /** Numbers, words, and cells without a value; none of it is drawn. */
    private Path table() throws IOException {
        var lines = new ArrayList<>(List.of("size,town,age,price"));
        for (var row = 0; row < 80; row++) {
            var size = 40 + row * 37 % 101;
            var town = List.of("Ulm", "Aachen", "Kiel").get(row * 7 % 3);
            var age = row % 11 == 4 ? "" : Integer.toString(row * 13 % 60);
            lines.add(size + "," + town + "," + age + "," + (size * 3.25 + row % 5));
        }
        return Files.write(temporary.resolve("table.csv"), lines);
    }

    /** Numbers of words, from 0 to 6. */
    private Path words() throws IOException {
        var lines = new ArrayList<>(List.of("first,second,third,kind"));
        for (var row = 0; row < 70; row++) {
            var first = row * 5 % 7;
            var second = row * 3 % 7;
            lines.add(
                    first + "," + second + "," + row % 7 + "," + (first > second ? "up" : "down"));
        }
        return Files.write(temporary.resolve("words.csv"), lines);
    }
}
