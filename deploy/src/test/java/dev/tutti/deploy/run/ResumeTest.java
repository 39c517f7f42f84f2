package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.coordinator.file.RunLock;
import dev.tutti.deploy.Main;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.local.LocalWorkers;
import dev.tutti.deploy.support.Cli;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Law 6 with real processes and signals: a run whose coordinator goes ends with the same bits. */
class ResumeTest {
    private static final long SEED = 4;
    private static final int STEPS = 120;
    private static final long WAIT_MINUTES = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Slots, statistics, a schedule, and the best weights so far: all that a run can carry. */
    private static final List<String> EVERYTHING =
            List.of(
                    "--model",
                    "dense(16),batch-norm,relu,dropout(0.2),dense",
                    "--optimizer",
                    "adam(rate=0.01)",
                    "--schedule",
                    "cosine",
                    "--patience",
                    "2",
                    "--steps",
                    Integer.toString(STEPS));

    private static final List<String> MOMENTUM =
            List.of(
                    "--model",
                    "dense(16),relu,dense",
                    "--optimizer",
                    "sgd(rate=0.05,momentum=0.9)",
                    "--clip-norm",
                    "1",
                    "--steps",
                    Integer.toString(STEPS));

    @TempDir Path temporary;
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endProcesses() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void aKilledCoordinatorCostsNoBitAndItsWorkersStay() throws Exception {
        var expected = train("undisturbed", EVERYTHING);
        var run = temporary.resolve("killed");
        var coordinator =
                launch(
                        "coordinator",
                        EVERYTHING,
                        "--listen",
                        "127.0.0.1:0",
                        "--min-workers",
                        "2",
                        "--checkpoint-every",
                        "7",
                        "--out",
                        run.toString());
        var port = port();
        var workers =
                List.of(
                        launch("worker", List.of(), "--coordinator", "127.0.0.1:" + port),
                        launch("worker", List.of(), "--coordinator", "127.0.0.1:" + port));
        var step = 10 + Seeds.of(SEED, "kill").nextInt(STEPS - 20);
        awaitSteps(run, step);
        coordinator.destroyForcibly().waitFor();
        var before = Files.readAllLines(run.resolve("steps.jsonl")).size();
        var newest = checkpoints(run).getLast();

        assertThat(workers).as("look for their coordinator").allMatch(Process::isAlive);

        var resumed = Cli.run("resume", run.toString(), "--json");

        assertThat(resumed.exitCode()).as("seed %d: %s", SEED, resumed.err()).isZero();
        assertSame(resumed, expected);
        assertThat(before).as("seed %d", SEED).isGreaterThanOrEqualTo(step);
        assertThat(resumed.err())
                .as("seed %d", SEED)
                .contains("going on after " + checkpoint(run, newest));
        assertThat(newest).as("seed %d", SEED).isPositive();
        assertEveryStepOnce(run);
        for (var worker : workers) {
            assertThat(worker.waitFor(WAIT_MINUTES, TimeUnit.MINUTES)).isTrue();
            assertThat(worker.exitValue()).isZero();
        }
    }

    @Test
    void aSignalTakesACheckpointAndSaysHowToGoOn() throws Exception {
        var expected = train("undisturbed", MOMENTUM);
        var run = temporary.resolve("stopped");
        var training =
                launch(
                        "train",
                        MOMENTUM,
                        "--workers",
                        "2",
                        "--processes",
                        "1",
                        "--checkpoint-every",
                        "1000",
                        "--out",
                        run.toString());
        awaitSteps(run, 5);
        training.destroy();
        assertThat(training.waitFor(WAIT_MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(training.exitValue()).isEqualTo(ExitCode.TERMINATED.number());
        assertThat(log(0)).contains("to go on: tutti resume " + run);
        var lines = Files.readAllLines(run.resolve("steps.jsonl")).size();
        assertThat(checkpoints(run)).last().as("no step is repeated").isEqualTo((long) lines);

        var resumed = Cli.run("resume", run.toString(), "--json", "--workers", "3");

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertSame(resumed, expected);
        assertEveryStepOnce(run);
    }

    /** Another coordinator came to the address: with other data, another model, another run. */
    @Test
    void aWorkerThatFindsAnotherRunWorksForThat() throws Exception {
        var data = Files.writeString(temporary.resolve("points.csv"), points());
        var options = List.of("--data", data.toString(), "--epochs", "3");
        var expected = train("undisturbed", options);
        var left = temporary.resolve("left");
        var coordinator =
                launch(
                        "coordinator",
                        MOMENTUM,
                        "--listen",
                        "127.0.0.1:0",
                        "--min-workers",
                        "2",
                        "--out",
                        left.toString());
        var port = port();
        var worker = launch("worker", List.of(), "--coordinator", "127.0.0.1:" + port);
        var logs = left.resolve("logs");
        var log = logs.resolve("coordinator.log");
        awaitChange(logs, () -> Files.readString(log).contains("joined: process 0"));
        coordinator.destroyForcibly().waitFor();

        var other =
                Cli.run(
                        "coordinator",
                        "--listen",
                        "127.0.0.1:" + port,
                        "--data",
                        data.toString(),
                        "--epochs",
                        "3",
                        "--out",
                        temporary.resolve("other").toString(),
                        "--json");

        assertSame(other, expected);
        assertThat(worker.waitFor(WAIT_MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(worker.exitValue()).as(log(1)).isZero();
    }

    @Test
    void aDamagedCheckpointIsToldAndTheOneBeforeUsed() throws IOException {
        var expected = train("undisturbed", MOMENTUM);
        var run = interrupted("damaged", MOMENTUM);
        var checkpoints = checkpoints(run);
        var file = checkpoint(run, checkpoints.getLast());
        Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
        var resumed = Cli.run("resume", run.toString(), "--json");
        assertThat(resumed.err())
                .contains("warning: %s is damaged".formatted(file))
                .contains(
                        "going on after "
                                + checkpoint(run, checkpoints.get(checkpoints.size() - 2)));
        assertSame(resumed, expected);
        assertThat(file.resolveSibling(file.getFileName() + ".damaged")).exists();
    }

    @Test
    void aRunThatCannotGoOnSaysWhy() throws IOException {
        assertRefused("no run in", temporary.resolve("nowhere"));
        var run = interrupted("refused", MOMENTUM);
        try (var _ = RunLock.take(run)) {
            assertRefused("a coordinator is at work in", run);
        }
        Files.writeString(run.resolve("summary.json"), "{}");
        assertRefused("is complete already", run);
        Files.delete(run.resolve("summary.json"));
        try (var files = Files.list(run.resolve("checkpoints"))) {
            for (var file : files.toList()) {
                Files.write(file, new byte[9]);
            }
        }
        assertRefused("has no usable checkpoint", run);
    }

    @Test
    void otherDataOrAnotherConfigurationIsRefused() throws IOException {
        var data = Files.writeString(temporary.resolve("points.csv"), points());
        var run = interrupted("changed", List.of("--data", data.toString(), "--epochs", "30"));
        var configuration = Files.readString(run.resolve("run.conf"));
        Files.writeString(
                run.resolve("run.conf"), configuration.replaceFirst("seed=.*", "seed=\"2\""));
        var other = Cli.run("resume", run.toString());
        assertThat(other.err()).contains("has changed: seed was 1, is 2");
        assertThat(other.exitCode()).isEqualTo(ExitCode.USAGE.number());
        Files.writeString(run.resolve("run.conf"), configuration);
        Files.writeString(data, points() + "1,1,x\n");
        var changed = Cli.run("resume", run.toString());
        assertThat(changed.err()).contains("points is not what the run began with: its SHA-256");
        assertThat(changed.exitCode()).isEqualTo(ExitCode.DATA.number());
    }

    /** What such a run meant, neither its checkpoints nor its run.conf say. */
    @Test
    void aRunOfAReleaseWithoutSomeOptionsGoesOn() throws IOException {
        var expected = train("undisturbed", MOMENTUM);
        var run = interrupted("older", MOMENTUM);
        for (var step : checkpoints(run)) {
            var file = checkpoint(run, step);
            var now = Checkpoint.read(MemorySegment.ofArray(Files.readAllBytes(file)));
            var configuration = new HashMap<>(now.configuration());
            RunSpec.implied()
                    .forEach(
                            (name, text) -> assertThat(configuration.remove(name)).isEqualTo(text));
            var before =
                    new Checkpoint(now.position(), configuration, now.figures(), now.tensors());
            Files.write(file, bytes(before.write()));
        }
        var options = Files.readString(run.resolve("run.conf"));
        Files.writeString(
                run.resolve("run.conf"),
                options.replaceAll(
                        "(?m)^(average|mixing|attack|faulty|sync|clock|partition)=.*\\R", ""));

        assertSame(Cli.run("resume", run.toString(), "--json"), expected);
    }

    private static byte[] bytes(List<MemorySegment> segments) {
        var out = new ByteArrayOutputStream();
        segments.forEach(segment -> out.writeBytes(segment.toArray(ValueLayout.JAVA_BYTE)));
        return out.toByteArray();
    }

    @Test
    void aRunFromStandardInputGoesOnWithAFileOfTheSameRows() throws IOException {
        var data = Files.writeString(temporary.resolve("points.csv"), points());
        var previous = System.in;
        Cli expected;
        Path run;
        try {
            System.setIn(Files.newInputStream(data));
            expected = train("undisturbed", List.of("--data", "-", "--epochs", "30"));
            System.setIn(Files.newInputStream(data));
            run = interrupted("piped", List.of("--data", "-", "--epochs", "30"));
        } finally {
            System.setIn(previous);
        }
        var nowhere = Cli.run("resume", run.toString());
        assertThat(nowhere.err())
                .contains("the run's data came from standard input: say where it is with --data");
        assertThat(nowhere.exitCode()).isEqualTo(ExitCode.DATA.number());
        var other = Files.writeString(temporary.resolve("other.csv"), points() + "1,1,x\n");
        assertThat(Cli.run("resume", run.toString(), "--data", other.toString()).err())
                .contains("stdin is not what the run began with: its SHA-256");
        assertSame(
                Cli.run("resume", run.toString(), "--json", "--data", data.toString()), expected);
    }

    @Test
    void aDiskWithoutRoomForCheckpointsDoesNotStopTheTraining() throws IOException {
        var expected = train("undisturbed", MOMENTUM);
        var run = temporary.resolve("full");
        Files.createDirectories(run);
        Files.writeString(run.resolve("checkpoints"), "a file where the folder should be");
        var trained = trainTo(run, MOMENTUM);
        assertThat(trained.err())
                .containsOnlyOnce("warning: the checkpoint after step 0 could not be written");
        assertSame(trained, expected);
    }

    @Test
    void aStoppedRunWhoseFolderTakesNoCheckpointGoesOnFromTheUsersFolder() throws Exception {
        var expected = train("undisturbed", MOMENTUM);
        var run = Files.createDirectories(temporary.resolve("full"));
        Files.writeString(run.resolve("checkpoints"), "a file where the folder should be");
        var rescue = temporary.resolve("rescue");
        var training =
                launch(
                        "train",
                        MOMENTUM,
                        "--workers",
                        "1",
                        "--rescue",
                        rescue.toString(),
                        "--out",
                        run.toString());
        awaitSteps(run, 5);
        training.destroy();
        assertThat(training.waitFor(WAIT_MINUTES, TimeUnit.MINUTES)).isTrue();
        var rescued = rescue.resolve("full");
        assertThat(log(0)).contains("to go on: tutti resume " + rescued);

        var resumed = Cli.run("resume", rescued.toString(), "--json");

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertSame(resumed, expected);
        assertEveryStepOnce(rescued);
    }

    @Test
    void aRunGoesOnFromAnotherFolderAndWithDataThatHasMoved() throws IOException {
        var here = Path.of("").toAbsolutePath();
        var data = Files.writeString(temporary.resolve("points.csv"), points());
        var named = here.relativize(data.toAbsolutePath()).toString();
        var run = interrupted("moved", List.of("--data", named, "--epochs", "30"));
        // What is absolute means the same in any folder.
        assertThat(Files.readString(run.resolve("run.conf"))).contains(data.toString());
        var elsewhere = Files.move(run, temporary.resolve("moved run"));
        var moved = Files.move(data, temporary.resolve("moved points.csv"));

        var lost = Cli.run("resume", elsewhere.toString());
        assertThat(lost.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(lost.err()).contains("if the data has moved, say where it is: --data");

        var resumed = Cli.run("resume", elsewhere.toString(), "--data", moved.toString());
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    }

    private static String points() {
        var csv = new StringBuilder("a,b,c\n");
        for (var i = 0; i < 60; i++) {
            csv.append("%d,%d,%s\n".formatted(i % 7, i % 5, i % 2 == 0 ? "x" : "y"));
        }
        return csv.toString();
    }

    private void assertRefused(String reason, Path run) {
        var resumed = Cli.run("resume", run.toString());
        assertThat(resumed.err()).contains(reason);
        assertThat(resumed.err().lines().count()).as(resumed.err()).isEqualTo(1);
        assertThat(resumed.exitCode()).isEqualTo(ExitCode.NOT_RESUMABLE.number());
    }

    /** The digest, and the figures that do not depend on the machine, over the whole run. */
    private static void assertSame(Cli actual, Cli expected) throws IOException {
        var found = summary(actual);
        var wanted = summary(expected);
        for (var figure :
                List.of(
                        "weightsDigest",
                        "steps",
                        "epochs",
                        "samples",
                        "trainLoss",
                        "validationLoss",
                        "testLoss",
                        "testAccuracy",
                        "ledgerExact",
                        "ledger")) {
            assertThat(found.get(figure)).as(figure).isEqualTo(wanted.get(figure));
        }
    }

    private static JsonNode summary(Cli command) throws IOException {
        assertThat(command.exitCode()).as(command.err()).isZero();
        return JSON.readTree(command.lastLine());
    }

    private static void assertEveryStepOnce(Path run) throws IOException {
        var steps = new ArrayList<Long>();
        for (var line : Files.readAllLines(run.resolve("steps.jsonl"))) {
            steps.add(JSON.readTree(line).get("step").asLong());
        }
        assertThat(steps).isEqualTo(LongStream.rangeClosed(1, steps.size()).boxed().toList());
    }

    /** Returns the steps of the checkpoints, ascending. */
    private static List<Long> checkpoints(Path run) throws IOException {
        try (var files = Files.list(run.resolve("checkpoints"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".safetensors"))
                    .map(name -> Long.valueOf(name.replaceAll("\\D", "")))
                    .sorted()
                    .toList();
        }
    }

    private static Path checkpoint(Path run, long step) {
        return run.resolve("checkpoints").resolve("step-%d.safetensors".formatted(step));
    }

    private Cli train(String name, List<String> options) {
        return trainTo(temporary.resolve(name), options);
    }

    private static Cli trainTo(Path run, List<String> options) {
        var arguments = new ArrayList<>(List.of("train", "--json", "--workers", "1"));
        arguments.addAll(List.of("--checkpoint-every", "10", "--out", run.toString()));
        arguments.addAll(options);
        var trained = Cli.run(arguments.toArray(String[]::new));
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        return trained;
    }

    /** Returns a run whose coordinator died just before it wrote its results. */
    private Path interrupted(String name, List<String> options) throws IOException {
        train(name, options);
        var run = temporary.resolve(name);
        Files.delete(run.resolve("summary.json"));
        Files.delete(run.resolve("model.safetensors"));
        return run;
    }

    /** Starts a process of its own, whose output goes to a file. */
    private Process launch(String name, List<String> options, String... more) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(LocalWorkers.inheritedFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Main.class.getName(), name));
        command.addAll(options);
        command.addAll(List.of(more));
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(logFile(started.size()).toFile())
                        .start();
        started.add(process);
        return process;
    }

    private Path logFile(int index) {
        return temporary.resolve("process-%d.log".formatted(index));
    }

    private String log(int index) throws IOException {
        return Files.readString(logFile(index));
    }

    private int port() throws Exception {
        var said = "listening on 127.0.0.1:";
        awaitChange(temporary, () -> log(0).contains(said));
        return Integer.parseInt(log(0).replaceAll("(?s).*" + said + "(\\d+).*", "$1"));
    }

    private void awaitSteps(Path run, int count) throws Exception {
        var steps = run.resolve("steps.jsonl");
        awaitChange(
                Files.exists(run) ? run : temporary,
                () -> Files.exists(steps) && Files.readAllLines(steps).size() >= count);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    /** Waits until a condition holds, looking whenever something changes; with a bound. */
    private void awaitChange(Path folder, Condition condition) throws Exception {
        var until = System.nanoTime() + TimeUnit.MINUTES.toNanos(WAIT_MINUTES);
        try (var watch = FileSystems.getDefault().newWatchService()) {
            folder.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY);
            while (!condition.holds()) {
                assertThat(started).as(log(0)).allMatch(Process::isAlive);
                assertThat(System.nanoTime()).as(log(0)).isLessThan(until);
                // What changed before the watch began is found at the next look.
                var key = watch.poll(100, TimeUnit.MILLISECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        }
    }
}
