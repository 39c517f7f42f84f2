package dev.tutti.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.project.ProgramFiles;
import dev.tutti.deploy.support.CommandProcess;
import dev.tutti.proto.life.ProcessPart;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * If any part of a process fails, the process ends, with a code and one line, and leaves nothing
 * behind. Each kind of thread and each actor is made to fail at its start, in real processes.
 */
class ProcessEndTest {
    /**
     * What is promised is 5 s; a machine that is busy with other tests may be late to see the end,
     * but a process that hangs would not be seen to end at all.
     */
    private static final long MILLIS_MAX = 10_000;

    private static final int RESOURCES = ExitCode.RESOURCES.number();
    private static final int INTERNAL = ExitCode.INTERNAL.number();
    private static final int NO_WORKERS = ExitCode.NO_WORKERS.number();

    private static long longestMillis;

    @TempDir Path temporary;

    /** A command, and what becomes of it if a part fails. */
    record Case(String command, ProcessPart part, String kind, int code) {
        @Override
        public String toString() {
            return command + ": " + part + " " + kind;
        }
    }

    private static final String IN_ONE = "train --workers 2 --processes 0 --steps 100000";
    private static final String APART = "train --workers 2 --processes 2 --steps 100000";
    private static final String PAUSED =
            "train --workers 2 --processes 2 --steps 100000 --chaos pause(worker=0,step=2,seconds=1)";
    private static final String COORDINATOR = "coordinator --listen 127.0.0.1:0 --steps 100000";
    private static final String WORKER = "worker --coordinator 127.0.0.1:PORT";
    private static final String RELAY = "relay --coordinator 127.0.0.1:PORT --listen 127.0.0.1:0";

    static Stream<Case> cases() {
        return Stream.of(
                new Case(IN_ONE, ProcessPart.EVENT_LOOP, "OutOfMemoryError", RESOURCES),
                new Case(IN_ONE, ProcessPart.COMPUTE_LOOP, "NoClassDefFoundError", INTERNAL),
                new Case(IN_ONE, ProcessPart.ACTOR_SYSTEM, "OutOfMemoryError", RESOURCES),
                new Case(IN_ONE, ProcessPart.TIMERS, "NoClassDefFoundError", INTERNAL),
                new Case(IN_ONE, ProcessPart.CHECKPOINTS, "OutOfMemoryError", RESOURCES),
                new Case(IN_ONE, ProcessPart.DATA, "NoClassDefFoundError", INTERNAL),
                new Case(IN_ONE, ProcessPart.KERNEL, "OutOfMemoryError", RESOURCES),
                new Case(IN_ONE, ProcessPart.PROGRESS, "StackOverflowError", INTERNAL),
                new Case(IN_ONE, ProcessPart.COORDINATOR, "OutOfMemoryError", RESOURCES),
                new Case(IN_ONE, ProcessPart.WORKER_PROCESS, "IllegalState", INTERNAL),
                new Case(IN_ONE, ProcessPart.WORKER, "OutOfMemoryError", RESOURCES),
                new Case(APART, ProcessPart.COORDINATOR, "NoClassDefFoundError", INTERNAL),
                new Case(APART, ProcessPart.CALLS, "OutOfMemoryError", RESOURCES),
                new Case(APART, ProcessPart.ACCEPTING, "OutOfMemoryError", RESOURCES),
                new Case(APART, ProcessPart.SERVING, "NoClassDefFoundError", INTERNAL),
                new Case(APART, ProcessPart.HEARTBEAT, "NoClassDefFoundError", NO_WORKERS),
                new Case(APART, ProcessPart.WORKER_PROCESS, "OutOfMemoryError", NO_WORKERS),
                new Case(PAUSED, ProcessPart.PAUSE, "IllegalState", INTERNAL),
                new Case(COORDINATOR, ProcessPart.COORDINATOR, "OutOfMemoryError", RESOURCES),
                new Case(COORDINATOR, ProcessPart.ACCEPTING, "IllegalState", INTERNAL),
                new Case(WORKER, ProcessPart.KERNEL, "NoClassDefFoundError", INTERNAL),
                new Case(WORKER, ProcessPart.EVENT_LOOP, "OutOfMemoryError", RESOURCES),
                new Case(WORKER, ProcessPart.WORKER_PROCESS, "NoClassDefFoundError", INTERNAL),
                new Case(WORKER, ProcessPart.HEARTBEAT, "OutOfMemoryError", RESOURCES),
                new Case(WORKER, ProcessPart.DATA, "IllegalState", INTERNAL),
                new Case(WORKER, ProcessPart.WORKER, "StackOverflowError", INTERNAL),
                new Case(RELAY, ProcessPart.RELAY, "OutOfMemoryError", RESOURCES),
                new Case(RELAY, ProcessPart.EVENT_LOOP, "NoClassDefFoundError", INTERNAL),
                new Case(RELAY, ProcessPart.ACCEPTING, "OutOfMemoryError", RESOURCES));
    }

    @Test
    void everyPartFailsInOneOfTheCases() {
        assertThat(cases().map(Case::part)).containsAll(EnumSet.allOf(ProcessPart.class));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aPartThatFailsEndsTheProcess(Case tried) throws Exception {
        var run = temporary.resolve("run");
        try (var coordinator = coordinatorFor(tried);
                var failing =
                        CommandProcess.start(
                                temporary,
                                List.of(CommandProcess.failing(tried.part, tried.kind)),
                                arguments(tried, coordinator, run))) {
            var struck = awaitStrike(failing, run);
            assertThat(failing.exitCode()).as(failing.output()).isEqualTo(tried.code);
            var millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - struck);
            longestMillis = Math.max(longestMillis, millis);
            assertThat(millis)
                    .as("from the failure to the end: %s", failing.output())
                    .isLessThan(MILLIS_MAX);
            assertThat(failing.lastWords()).as(failing.output()).hasSize(1);
            if (tried.code == NO_WORKERS) {
                assertThat(failing.lastWords().getFirst())
                        .contains("no worker process is left", "ended with exit code");
            }
            assertThat(failing.hasTrace()).as(failing.output()).isFalse();
            assertThat(failing.sharedFolders()).isEmpty();
        }
        assertThat(CommandProcess.awaitEndOf(run)).isEmpty();
    }

    @AfterAll
    static void sayHowLongItTook() {
        System.out.printf("the longest end took %d ms%n", longestMillis);
    }

    /** Returns when the failure was seen; one in a worker process is in that one's log. */
    private static long awaitStrike(CommandProcess failing, Path run) throws Exception {
        failing.awaitOutput(text ->
                text.contains("planned failure of") || logOfWorkers(run).contains("planned"));
        return System.nanoTime();
    }

    private static String logOfWorkers(Path run) {
        try {
            return Files.readString(run.resolve("logs").resolve("worker-0.log"));
        } catch (IOException _) {
            return "";
        }
    }

    /** Starts a coordinator if the command needs one. */
    private CommandProcess coordinatorFor(Case tried) throws Exception {
        if (!tried.command.contains("PORT")) {
            // It takes no other's place: a command that ends at once.
            return CommandProcess.start(temporary, List.of(), List.of("--version"));
        }
        var coordinator =
                CommandProcess.start(
                        temporary,
                        List.of(),
                        List.of("coordinator", "--listen", "127.0.0.1:0", "--out", "other"));
        coordinator.awaitOutput(text -> text.contains("listening on"));
        return coordinator;
    }

    private static List<String> arguments(Case tried, CommandProcess coordinator, Path run) {
        var port = coordinator.output().replaceAll("(?s).*listening on 127.0.0.1:(\\d+).*", "$1");
        var arguments =
                new ArrayList<>(List.of(tried.command.replace("PORT", port.strip()).split(" ")));
        if (!tried.command.startsWith("worker") && !tried.command.startsWith("relay")) {
            arguments.addAll(List.of("--out", run.toString()));
        }
        return arguments;
    }

    @Test
    void tooLittleMemoryForACheckpointsCopyEndsTheRun() throws Exception {
        var run = temporary.resolve("run");
        var arguments =
                "train --data synthetic(256,1x28x28,10) --model dense(2000),relu,dense(2000),relu,dense"
                        + " --batch 64 --steps 6 --validation 0 --workers 2 --processes 2 --out "
                        + run;
        try (var command =
                CommandProcess.start(
                        temporary,
                        List.of("-XX:MaxDirectMemorySize=127533056"),
                        List.of(arguments.split(" ")))) {
            assertThat(command.exitCode()).as(command.output()).isEqualTo(RESOURCES);
            assertThat(command.lastWords()).as(command.output()).hasSize(1);
            assertThat(command.hasTrace()).as(command.output()).isFalse();
            assertThat(command.sharedFolders()).isEmpty();
        }
        assertThat(CommandProcess.awaitEndOf(run)).isEmpty();
    }

    /** As when another build is copied over one that runs. */
    @Test
    void aWorkerWhoseProgramFilesVanishEnds() throws Exception {
        var program = ProgramFiles.copied(temporary.resolve("program"));
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var address = "127.0.0.1:" + port;
        try (var worker =
                CommandProcess.start(
                        temporary,
                        program.classPath(),
                        List.of(),
                        List.of("worker", "--coordinator", address))) {
            worker.awaitOutput(text -> text.contains("trying " + address));
            program.damage();
            try (var _ =
                    CommandProcess.start(
                            temporary,
                            List.of(),
                            List.of("coordinator", "--listen", address, "--out", "run"))) {
                assertThat(worker.exitCode()).as(worker.output()).isEqualTo(INTERNAL);
                assertThat(worker.lastWords())
                        .hasSize(1)
                        .first()
                        .asString()
                        .contains("files have changed or vanished");
                assertThat(worker.hasTrace()).as(worker.output()).isFalse();
            }
        }
    }

    // ---- signals

    /**
     * A signal ends a process in any state: here one of its actors, or its start, hangs for ever.
     */
    @ParameterizedTest
    @MethodSource("hanging")
    void aSignalEndsAProcessThatHangs(Case tried) throws Exception {
        var run = temporary.resolve("run");
        try (var coordinator = coordinatorFor(tried);
                var hanging =
                        CommandProcess.start(
                                temporary,
                                List.of(CommandProcess.failing(tried.part, tried.kind)),
                                arguments(tried, coordinator, run))) {
            awaitStrike(hanging, run);
            hanging.process().destroy();
            assertThat(hanging.exitCode()).as(hanging.output()).isEqualTo(tried.code);
            assertThat(hanging.sharedFolders()).isEmpty();
        }
        assertThat(CommandProcess.awaitEndOf(run)).isEmpty();
    }

    static Stream<Case> hanging() {
        var terminated = ExitCode.TERMINATED.number();
        return Stream.of(
                new Case(IN_ONE, ProcessPart.KERNEL, "Hang", terminated),
                new Case(IN_ONE, ProcessPart.COORDINATOR, "Hang", terminated),
                new Case(APART, ProcessPart.COORDINATOR, "Hang", terminated),
                new Case(APART, ProcessPart.CHECKPOINTS, "Hang", terminated),
                new Case(WORKER, ProcessPart.KERNEL, "Hang", terminated),
                new Case(WORKER, ProcessPart.WORKER_PROCESS, "Hang", terminated),
                new Case(RELAY, ProcessPart.RELAY, "Hang", terminated));
    }

    @Test
    void aCoordinatorThatWaitsForWorkersEndsOnASignal() throws Exception {
        try (var waiting =
                CommandProcess.start(
                        temporary,
                        List.of(),
                        List.of("coordinator", "--listen", "127.0.0.1:0", "--out", "run"))) {
            waiting.awaitOutput(text -> text.contains("listening on"));
            waiting.process().destroy();
            assertThat(waiting.exitCode()).isEqualTo(ExitCode.TERMINATED.number());
            assertThat(waiting.sharedFolders()).isEmpty();
        }
    }

    /** The first would wait a minute for a checkpoint that is never written. */
    @Test
    void aSecondSignalEndsAProcessAtOnce() throws Exception {
        var run = temporary.resolve("run");
        var tried = new Case(APART, ProcessPart.CHECKPOINTS, "Hang", 0);
        try (var coordinator = coordinatorFor(tried);
                var hanging =
                        CommandProcess.start(
                                temporary,
                                List.of(CommandProcess.failing(tried.part, tried.kind)),
                                arguments(tried, coordinator, run))) {
            awaitStrike(hanging, run);
            var start = System.nanoTime();
            hanging.process().destroy();
            while (!hanging.process().waitFor(500, TimeUnit.MILLISECONDS)) {
                hanging.process().destroy();
            }
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(30);
            assertThat(hanging.exitCode()).isEqualTo(ExitCode.TERMINATED.number());
            assertThat(hanging.sharedFolders()).isEmpty();
        }
        assertThat(CommandProcess.awaitEndOf(run)).isEmpty();
    }
}
