package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user can get wrong: one clear line, the right exit code, and nothing half-written. */
class BadInputTest {
    @TempDir Path temporary;

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake(
                        ExitCode.USAGE,
                        "Unknown options: '--epoch', '3'; did you mean --epochs",
                        "--epoch",
                        "3"),
                mistake(
                        ExitCode.USAGE,
                        "unknown layer \"dence\"; there are: dense",
                        "--model",
                        "dence(3)"),
                mistake(ExitCode.USAGE, "units", "--model", "dense(0)"),
                mistake(ExitCode.USAGE, "must be a whole number, was \"a\"", "--model", "dense(a)"),
                mistake(ExitCode.USAGE, "found the end, expected ',' or ')'", "--model", "dense(3"),
                mistake(ExitCode.USAGE, "unknown loss \"hinge\"; there are:", "--loss", "hinge"),
                mistake(ExitCode.USAGE, "rate", "--optimizer", "sgd(rate=-1)"),
                mistake(ExitCode.USAGE, "needs \"rate\"", "--optimizer", "sgd"),
                mistake(ExitCode.USAGE, "does not take \"speed\"", "--optimizer", "sgd(speed=1)"),
                mistake(ExitCode.USAGE, "unknown initializer", "--initializer", "magic"),
                mistake(
                        ExitCode.USAGE,
                        "cannot be cut into 8 shards",
                        "--batch",
                        "4",
                        "--shards",
                        "8"),
                mistake(ExitCode.USAGE, "--batch must be at least 1, was 0", "--batch", "0"),
                mistake(
                        ExitCode.RESOURCES,
                        "the run needs",
                        "--model",
                        "dense(46000),relu,".repeat(10) + "dense"),
                mistake(ExitCode.USAGE, "leave one out", "--steps", "3", "--epochs", "1"),
                mistake(ExitCode.USAGE, "--epochs must be at least 1", "--epochs", "0"),
                mistake(
                        ExitCode.USAGE,
                        "unknown kernel \"bogus\"; there are: onednn",
                        "--kernel",
                        "bogus",
                        "--workers",
                        "2",
                        "--processes",
                        "2"),
                mistake(
                        ExitCode.USAGE,
                        "a process of 5000 workers; expected 1 to 4096",
                        "--workers",
                        "5000"),
                mistake(
                        ExitCode.USAGE,
                        "must be from 0 to the number of workers",
                        "--processes",
                        "9"),
                mistake(
                        ExitCode.USAGE,
                        "--chaos strikes worker processes: give --processes too",
                        "--chaos",
                        "join(step=5)"),
                chaosMistake("unknown fault \"hit\"; there are: kill, pause", "hit(step=3)"),
                chaosMistake("fault \"kill\" needs \"step\"", "kill(worker=0)"),
                chaosMistake("worker must be from 0 to 1", "kill(worker=2,step=5)"),
                chaosMistake("step must be from 2 to the run's last", "kill(worker=0,step=99999)"),
                chaosMistake("seconds must be a number or forever", "pause(0,5,seconds=long)"),
                mistake(ExitCode.USAGE, "--workers must be at least 1", "--workers", "0"),
                mistake(ExitCode.USAGE, "no configuration file", "--config", "nowhere.conf"),
                mistake(
                        ExitCode.USAGE,
                        "need validation samples",
                        "--patience",
                        "2",
                        "--validation",
                        "0"),
                mistake(ExitCode.USAGE, "above 0 in every step", "--schedule", "cosine(steps=5)"),
                mistake(ExitCode.USAGE, "unknown averaging rule", "--average", "mode"),
                mistake(ExitCode.USAGE, "unknown mixing \"mode\"", "--mixing", "mode"),
                mistake(ExitCode.USAGE, "unknown attack \"hit\"", "--attack", "hit"),
                mistake(
                        ExitCode.USAGE,
                        "--average krum(f=1) needs at least 5 vectors, and there are 4 shards",
                        "--average",
                        "krum(1)"),
                mistake(
                        ExitCode.USAGE,
                        "--mixing nnm(f=2) needs at least 5 vectors, and there are 4 shards",
                        "--mixing",
                        "nnm(2)"),
                mistake(ExitCode.USAGE, "say how many are faulty with --faulty", "--attack", "ipm"),
                mistake(ExitCode.USAGE, "say what these shards send", "--faulty", "1"),
                mistake(
                        ExitCode.USAGE,
                        "leaves no honest shard of 4",
                        "--attack",
                        "ipm",
                        "--faulty",
                        "4"),
                mistake(
                        ExitCode.USAGE,
                        "the last batch of an epoch has 29 samples for 32 shards",
                        "--attack",
                        "ipm",
                        "--faulty",
                        "1",
                        "--shards",
                        "32"),
                mistake(
                        ExitCode.USAGE,
                        "the last batch of an epoch has 29 samples: --average krum(f=14) needs at least 31",
                        "--average",
                        "krum(14)",
                        "--shards",
                        "32"),
                mistake(ExitCode.USAGE, "unknown mode \"later\"", "--sync", "later"),
                mistake(ExitCode.USAGE, "unknown clock \"wall\"", "--clock", "wall"),
                mistake(ExitCode.USAGE, "needs \"s\"; it is written stale(s)", "--sync", "stale"),
                mistake(
                        ExitCode.USAGE,
                        "backup(4) drops as many gradients as there are: raise --shards, which is 4",
                        "--sync",
                        "backup(4)"),
                mistake(
                        ExitCode.USAGE,
                        "needs a clock that says who comes first",
                        "--sync",
                        "stale(2)",
                        "--clock",
                        "none"),
                mistake(
                        ExitCode.USAGE,
                        "does not go with a layer that measures the whole batch",
                        "--sync",
                        "asynchronous",
                        "--model",
                        "dense(8),batch-norm(over=batch),dense"),
                mistake(
                        ExitCode.USAGE,
                        "sends sums of gradients as fp32: leave --wire bf16 out",
                        "--sync",
                        "local(4)",
                        "--wire",
                        "bf16"),
                mistake(
                        ExitCode.USAGE,
                        "does not go with --regularizer or --clip-norm",
                        "--sync",
                        "diloco(4)",
                        "--clip-norm",
                        "1"),
                mistake(
                        ExitCode.USAGE,
                        "--average and --mixing have no effect with --sync stale(s=2)",
                        "--sync",
                        "stale(2)",
                        "--average",
                        "median"),
                mistake(
                        ExitCode.USAGE,
                        "--attack does not go with --sync backup(k=1)",
                        "--sync",
                        "backup(1)",
                        "--attack",
                        "ipm",
                        "--faulty",
                        "1"),
                mistake(
                        ExitCode.USAGE,
                        "--attack stale(age=2) does not go with --sync local(steps=4",
                        "--sync",
                        "local(4)",
                        "--attack",
                        "stale(2)",
                        "--faulty",
                        "1"),
                mistake(
                        ExitCode.USAGE,
                        "leaves no honest shard of 4",
                        "--sync",
                        "asynchronous",
                        "--attack",
                        "label-flip",
                        "--faulty",
                        "4"),
                mistake(
                        ExitCode.USAGE,
                        "worker-momentum must be the first of the mixings",
                        "--mixing",
                        "clip(1),worker-momentum"),
                mistake(
                        ExitCode.USAGE,
                        "worker-momentum does not go with --sync local(steps=4",
                        "--sync",
                        "local(4)",
                        "--mixing",
                        "worker-momentum"),
                mistake(ExitCode.USAGE, "unknown partition", "--partition", "by-class(2)"),
                mistake(
                        ExitCode.USAGE,
                        "alpha must be a finite number above 0, was 0.0",
                        "--partition",
                        "dirichlet(0)"),
                mistake(
                        ExitCode.USAGE,
                        "needs at least 11 classes, but the data has 10",
                        "--partition",
                        "by-label(11)"),
                mistake(
                        ExitCode.USAGE,
                        "no place for all 10 classes on 4 virtual workers: raise --shards to at least 5",
                        "--partition",
                        "by-label(2)"),
                mistake(
                        ExitCode.USAGE,
                        "the partition sorted divides samples by class, but the targets",
                        "--data",
                        "regression(120,5)",
                        "--partition",
                        "sorted"),
                mistake(
                        ExitCode.USAGE,
                        "--attack label-flip needs classes to exchange, and the targets of",
                        "--data",
                        "regression(120,5)",
                        "--attack",
                        "label-flip",
                        "--faulty",
                        "1"),
                mistake(ExitCode.USAGE, "--scale-rate-from must be", "--scale-rate-from", "0"),
                mistake(ExitCode.USAGE, "--patience must be at least 1", "--patience", "0"),
                mistake(ExitCode.USAGE, "--clip-norm must be a finite", "--clip-norm", "Infinity"),
                mistake(ExitCode.USAGE, "--stop-below must be a finite", "--stop-below", "NaN"),
                mistake(
                        ExitCode.USAGE,
                        "--accumulate 100000000 with --batch 32 makes 3200000000",
                        "--accumulate",
                        "100000000"),
                mistake(
                        ExitCode.USAGE,
                        "gives a rate of 0.0 at step 36; it must be above 0 in every step",
                        "--schedule",
                        "exponential(1e-9)",
                        "--epochs",
                        "1000000000"),
                mistake(
                        ExitCode.USAGE,
                        "layer 1 (dense(units=10)) takes a vector, found 2×6×6",
                        "--model",
                        "conv2d(2,3),dense"),
                mistake(
                        ExitCode.USAGE,
                        "layer 2 (conv2d(channels=4,kernel=4)) needs an image of at least 4×4, found 4×3×3",
                        "--model",
                        "conv2d(4,3),max-pool(2),conv2d(4,4),flatten,dense"),
                mistake(
                        ExitCode.USAGE,
                        "layer 0 (max-pool(size=9)) needs an image of at least 9×9, found 1×8×8",
                        "--model",
                        "max-pool(9),flatten,dense"),
                mistake(
                        ExitCode.USAGE,
                        "layer 1 (embedding(count=3,width=2)) takes the whole numbers of a sample",
                        "--model",
                        "dense(4),embedding(3,2),flatten,dense"),
                mistake(
                        ExitCode.DATA,
                        "input 2: the embedding expected a whole number from 0 to 16, found 0.3",
                        "--model",
                        "flatten,embedding(17,2),flatten,dense"),
                mistake(ExitCode.USAGE, "kernel", "--kernel", "mkl"),
                mistake(
                        ExitCode.USAGE,
                        "--precision must be fp32 or bf16, was \"fp8\"",
                        "--precision",
                        "fp8"),
                mistake(
                        ExitCode.DATA,
                        "fraction must be at least 0 and below 1, was 1.5",
                        "--validation",
                        "1.5"),
                mistake(
                        ExitCode.DATA,
                        "nowhere.csv: there is no such file",
                        "--data",
                        "nowhere.csv"),
                mistake(
                        ExitCode.DATA,
                        "no safetensors file nowhere.safetensors",
                        "--init",
                        "nowhere.safetensors"));
    }

    private static Arguments chaosMistake(String message, String faults) {
        return mistake(
                ExitCode.USAGE, message, "--workers", "2", "--processes", "2", "--chaos", faults);
    }

    private static Arguments mistake(ExitCode code, String expected, String... options) {
        return Arguments.of(code, expected, List.of(options));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsOneLineAndLeavesNothing(ExitCode code, String expected, List<String> options) {
        assertRefused(code, expected, options);
    }

    @Test
    void malformedDataIsNamedByFileLineAndColumn() throws IOException {
        assertRefusedCsv("x,label\n1,a\nNaN,b\n", "data.csv", "line 3", "NaN");
        assertRefusedCsv("x,label\n1,a\n2,a\nhello,b\n", "data.csv", "line 4", "hello");
        assertRefusedCsv("x,label\n1,a\n2\n", "data.csv", "line 3");
        assertRefusedCsv("", "data.csv");
    }

    @Test
    void anUnknownTargetListsTheColumns() throws IOException {
        var csv = temporary.resolve("data.csv");
        Files.writeString(csv, "x,y,label\n1,2,a\n2,3,b\n3,4,a\n4,5,b\n");
        assertRefused(
                ExitCode.DATA,
                "x, y, label",
                List.of("--data", csv.toString(), "--targets", "z", "--validation", "0"));
    }

    @Test
    void aNumberOutsideTheEmbeddingIsNamedBeforeAnythingRuns() throws IOException {
        var csv = temporary.resolve("words.csv");
        Files.writeString(csv, "a,b,label\n0,1,x\n2,3,y\n4,5,x\n1,1,y\n");
        assertRefused(
                ExitCode.DATA,
                "words: sample 2, column b: the embedding expected a whole number from 0 to 4,"
                        + " found 5.0",
                List.of(
                        "--data",
                        csv.toString(),
                        "--validation",
                        "0",
                        "--model",
                        "embedding(5,2),flatten,dense"));
    }

    @Test
    void startingWeightsOfAnotherShapeAreRefusedBeforeAnythingRuns() {
        var init = "src/test/resources/dev/tutti/deploy/golden/softmax-relu/init.safetensors";
        assertRefused(ExitCode.DATA, "tensor 0.weight has shape 32×20", List.of("--init", init));
    }

    @Test
    void anUnknownKeyOfAConfigurationFileListsTheOptions() throws IOException {
        var file = temporary.resolve("run.conf");
        Files.writeString(file, "batch = 16\nepoch = 3\n");
        assertRefused(
                ExitCode.USAGE, "unknown option \"epoch\"", List.of("--config", file.toString()));
    }

    @Test
    void aRunIsNeverOverwritten() throws IOException {
        var run = Files.createDirectories(temporary.resolve("run"));
        Files.writeString(run.resolve("steps.jsonl"), "{}\n");
        var command = Cli.run("train", "--out", run.toString());
        assertThat(command.exitCode()).isEqualTo(ExitCode.OUTPUT.number());
        assertThat(command.err()).contains("holds a run already");
        assertThat(run.resolve("steps.jsonl")).hasContent("{}\n");
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = "127.0.0.1:" + taken.getLocalPort();
            var command =
                    Cli.run(
                            "coordinator",
                            "--listen",
                            address,
                            "--out",
                            temporary.resolve("run").toString());
            assertThat(command.exitCode()).isEqualTo(ExitCode.ADDRESS.number());
            assertThat(command.err()).contains("cannot listen on " + address);
            assertThat(temporary.resolve("run")).doesNotExist();
        }
    }

    @Test
    void aCoordinatorThatDoesNotAnswerIsGivenUpInTheStatedTime() throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var command = Cli.run("worker", "--coordinator", "127.0.0.1:" + port, "--patience", "1");
        assertThat(command.exitCode()).isEqualTo(ExitCode.UNREACHABLE.number());
        assertThat(command.err()).contains("no coordinator at 127.0.0.1:" + port + " for 1 s");
    }

    @Test
    void aPeerThatIsNoTuttiIsNamed() throws IOException {
        try (var foreign = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerAsWebServer(foreign));
            var address = "127.0.0.1:" + foreign.getLocalPort();
            var command = Cli.run("worker", "--coordinator", address, "--patience", "20");
            assertThat(command.exitCode()).as(command.err()).isEqualTo(ExitCode.REFUSED.number());
            assertThat(command.err())
                    .contains(address + " answers, but not as a Tutti coordinator");
        }
    }

    private static void answerAsWebServer(ServerSocket server) {
        while (!server.isClosed()) {
            try (var connection = server.accept()) {
                var _ = connection.getInputStream().read(new byte[16]);
                connection
                        .getOutputStream()
                        .write(
                                "HTTP/1.1 400 Bad Request\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException _) {
                // The client hung up, or the test is over.
            }
        }
    }

    private void assertRefusedCsv(String content, String... expected) throws IOException {
        var csv = temporary.resolve("data.csv");
        Files.writeString(csv, content);
        for (var part : expected) {
            assertRefused(
                    ExitCode.DATA, part, List.of("--data", csv.toString(), "--validation", "0"));
        }
    }

    private void assertRefused(ExitCode code, String expected, List<String> options) {
        var run = temporary.resolve("run");
        var arguments = new ArrayList<>(List.of("train", "--out", run.toString()));
        arguments.addAll(options);
        var command = Cli.run(arguments.toArray(String[]::new));
        assertThat(command.err()).contains(expected);
        assertThat(command.err().strip().lines()).as(command.err()).hasSize(1);
        assertThat(command.exitCode()).as(command.err()).isEqualTo(code.number());
        assertThat(run).doesNotExist();
    }
}
