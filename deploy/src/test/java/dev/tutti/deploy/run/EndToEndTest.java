package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.record.Judge;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.deploy.local.Chaos;
import dev.tutti.deploy.local.LocalWorkers;
import dev.tutti.deploy.local.WorkerLaunch;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.support.Cli;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Real processes, real sockets, real faults: the weights are those of one worker. */
class EndToEndTest {
    private static final int STEPS = 120;

    @TempDir Path temporary;

    @ParameterizedTest
    @CsvSource({"1,0", "3,0", "4,2", "4,4"})
    void workersAndProcessesDoNotChangeABit(int workers, int processes) throws IOException {
        var alone = digest(train("alone", 1, 0));
        assertThat(digest(train("many", workers, processes))).isEqualTo(alone);
    }

    /** Of an average for which each shard comes by itself. */
    @ParameterizedTest
    @CsvSource({"3,0", "2,2"})
    void anAttackAndARobustRuleHaveTheSameBitsForAnyWorkers(int workers, int processes)
            throws IOException {
        var options =
                new String[] {
                    "--shards", "7",
                    "--attack", "alie",
                    "--faulty", "2",
                    "--mixing", "arc(2),nnm(2)",
                    "--average", "centered-clipping(tau=0.5)"
                };
        var alone = digest(train("alone", 1, 0, options));
        assertThat(digest(train("many", workers, processes, options))).isEqualTo(alone);
        assertThat(alone).isNotEqualTo(digest(train("mean", 1, 0, "--shards", "7")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"shared", "inline"})
    void theCarrierDoesNotChangeABit(String carrier) throws IOException {
        var alone = digest(train("alone", 1, 0));
        assertThat(digest(train("carried", 2, 2, "--carrier", carrier))).isEqualTo(alone);
    }

    @Test
    void roundingWhatTravelsHalvesTheBytesAndDependsOnNoCarrierAndNoCut() throws IOException {
        var exact = train("exact", 2, 2, "--carrier", "inline");
        var rounded = train("rounded", 4, 4, "--carrier", "inline", "--wire", "bf16");
        assertThat(bytesSent(rounded)).isLessThan(bytesSent(exact) * 3 / 2);
        assertThat(digest(rounded)).isNotEqualTo(digest(exact));
        for (var carrier : List.of("shared", "inline")) {
            var other = train(carrier, 2, 2, "--carrier", carrier, "--wire", "bf16");
            assertThat(digest(other)).as(carrier).isEqualTo(digest(rounded));
        }
        var alone = train("alone", 1, 0, "--wire", "bf16");
        assertThat(digest(alone)).isEqualTo(digest(rounded));
    }

    private static long bytesSent(Cli command) throws IOException {
        return new ObjectMapper().readTree(command.lastLine()).get("bytesSent").asLong();
    }

    @Test
    void aKilledProcessCostsNoBit() throws IOException {
        var alone = digest(train("alone", 1, 0, "--shards", "12"));
        var warnings = new CopyOnWriteArrayList<String>();
        var victim = new Victim();
        var summary = trainWith("killed", 3, warnings, victim);
        assertThat(summary.weightsDigest()).isEqualTo(alone);
        assertThat(summary.figures().lostWorkers()).isEqualTo(1);
        assertThat(summary.figures().reassignedShards()).isPositive();
        assertThat(summary.figures().ledgerExact()).isTrue();
        // A machine with much else to do may be told of the silence before.
        assertThat(warnings)
                .filteredOn(warning -> !warning.startsWith("silent: "))
                .singleElement()
                .asString()
                .startsWith("lost: worker");
    }

    /** The process that is killed while it holds a lease: one that takes seconds to compute it. */
    private static final class Victim {
        private static final int NUMBER = 0;

        /**
         * More works before the end than those for which a worker gets nothing because it was slow
         * before: sooner or later it holds a lease.
         */
        private static final int STRUCK_STEP = STEPS / 4;

        private final CompletableFuture<LocalWorkers> workers = new CompletableFuture<>();
        private List<ProcessHandle> others = List.of();

        Map<String, String> environment(int number, Path directory) {
            var fault =
                    "slow(worker=%d,step=%d,times=1e4,steps=%d)"
                            .formatted(NUMBER, STRUCK_STEP, STEPS);
            return number == NUMBER
                    ? Map.of(
                            Chaos.FAULTS_VARIABLE,
                            fault,
                            Chaos.LOG_VARIABLE,
                            directory.resolve("faults").toString())
                    : Map.of();
        }

        /** Kills the process when somebody else had to do its work. */
        void stepTaken(StepReport report) {
            var held =
                    report.step() >= STRUCK_STEP
                            && report.shares().stream().anyMatch(share -> share.attempt() > 0);
            if (held && others.isEmpty()) {
                var victim = workers.join().find(NUMBER).orElseThrow();
                // Nobody works until the loss is seen, lest the run be over before.
                others = children().stream().filter(child -> child.pid() != victim.pid()).toList();
                others.forEach(other -> signal("STOP", other));
                victim.destroyForcibly();
            }
        }

        void warned(String line) {
            if (line.startsWith("lost: ")) {
                others.forEach(other -> signal("CONT", other));
            }
        }
    }

    private static void signal(String signal, ProcessHandle process) {
        try {
            var code =
                    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                            .start()
                            .waitFor();
            assertThat(code).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void nothingIsLeftBehind() {
        train("tidy", 2, 2);
        assertThat(children()).noneMatch(ProcessHandle::isAlive);
        assertThat(temporary.resolve("tidy")).isDirectoryNotContaining("glob:**.partial");
    }

    private Cli train(String name, int workers, int processes, String... more) {
        var arguments =
                List.of(
                        "train",
                        "--json",
                        "--steps",
                        Integer.toString(STEPS),
                        "--workers",
                        Integer.toString(workers),
                        "--processes",
                        Integer.toString(processes),
                        "--out",
                        temporary.resolve(name).toString());
        var command =
                Cli.run(Stream.concat(arguments.stream(), Stream.of(more)).toArray(String[]::new));
        assertThat(command.exitCode()).as(command.err()).isZero();
        return command;
    }

    private static String digest(Cli command) throws IOException {
        return new ObjectMapper().readTree(command.lastLine()).get("weightsDigest").asText();
    }

    /**
     * Trains with a process for each worker; the victim is told of all on the coordinator's thread.
     */
    private RunSummary trainWith(String name, int workers, List<String> warnings, Victim victim)
            throws IOException {
        var options = new RunOptions();
        new CommandLine(options)
                .parseArgs(
                        "--steps", Integer.toString(STEPS), "--data", "digits", "--shards", "12");
        var directory = temporary.resolve(name);
        Files.createDirectories(directory);
        var run =
                PreparedRun.of(
                        options, directory, workers, RunNeed.Crew.here(workers, 0, Carrier.AUTO));
        LocalData.cache().put(run.dataset());
        var system = ActorSystem.create(Behaviors.empty(), "test");
        try (var coordinator =
                        Coordinator.start(
                                system,
                                run.plan(),
                                run.dataset(),
                                run.file(),
                                List.of(new Transport.Network("127.0.0.1", 0)),
                                List.of(observer(warnings, victim)),
                                Judge.NONE,
                                PlainKernel::new,
                                List::of);
                var started =
                        LocalWorkers.start(
                                workers,
                                workers,
                                new WorkerLaunch(
                                        coordinator.port(),
                                        Optional.empty(),
                                        List.of(),
                                        directory,
                                        number -> victim.environment(number, directory)),
                                unheard())) {
            victim.workers.complete(started);
            var outcome = coordinator.outcome().toCompletableFuture().join();
            assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
            return ((RunOutcome.Completed) outcome).summary();
        } finally {
            system.terminate();
        }
    }

    private static LocalWorkers.Ends unheard() {
        return new LocalWorkers.Ends() {
            @Override
            public void ended(String line) {}

            @Override
            public void allEnded(String lastLine) {}
        };
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .filter(child -> child.info().command().orElse("").endsWith("java"))
                .toList();
    }

    private static RunObserver observer(List<String> warnings, Victim victim) {
        return event -> {
            if (event instanceof RunEvent.StepTaken taken) {
                victim.stepTaken(taken.report());
            } else if (event instanceof RunEvent.Alert alert) {
                warnings.add(alert.line());
                victim.warned(alert.line());
            }
        };
    }
}
