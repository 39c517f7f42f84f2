package dev.tutti.deploy.local;

import dev.tutti.common.chaos.FaultPlan;
import dev.tutti.common.chaos.FaultSource;
import dev.tutti.common.chaos.ProcessFault;
import dev.tutti.common.chaos.StruckFault;
import dev.tutti.common.chaos.WorkerFaults;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.deploy.run.PreparedRun;
import dev.tutti.deploy.run.Progress;
import dev.tutti.deploy.run.RunLaunch;
import dev.tutti.proto.failure.Reason;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import dev.tutti.worker.WorkerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the faults of {@code --chaos}. Faults of whole processes strike here, on the
 * coordinator's thread: no step continues before. A worker process finds the faults that it carries
 * out itself in its environment, which only the starter of the process can set.
 */
public final class Chaos {
    /** The variable with the faults of a worker process. */
    public static final String FAULTS_VARIABLE = "TUTTI_FAULTS";

    /** The variable with the file that a worker process notes them in. */
    public static final String LOG_VARIABLE = "TUTTI_FAULTS_LOG";

    private static final Logger LOG = LoggerFactory.getLogger(Chaos.class);

    private final FaultPlan left;
    private final FaultLog log;
    private final boolean resumed;
    private final int workersOfProcess;
    private final CompletableFuture<LocalWorkers> started = new CompletableFuture<>();
    private final StoppedProcesses stopped = new StoppedProcesses();
    private final List<Process> joined = new CopyOnWriteArrayList<>();
    private int nextNumber;

    private Chaos(LocalTraining local, FaultLog log, boolean resumed) {
        var plan = local.faults();
        this.left = resumed ? plan.without(log.read()) : plan;
        this.log = log;
        this.resumed = resumed;
        this.workersOfProcess = local.workers() / local.processes();
        this.nextNumber = local.processes() + joins(plan) - joins(left);
    }

    /** Prepares the faults of a run; what has struck before it was resumed does not do so again. */
    static Chaos of(LocalTraining local, PreparedRun run) {
        return new Chaos(local, FaultLog.in(run.plan().directory()), run.plan().from().isPresent());
    }

    private static int joins(FaultPlan plan) {
        return (int) plan.faults().stream().filter(ProcessFault.Join.class::isInstance).count();
    }

    /** Returns what the worker process of a number finds in its environment. */
    Map<String, String> environment(int number) {
        var faults = left.within(number);
        return faults.equals(FaultPlan.NONE)
                ? Map.of()
                : Map.of(
                        FAULTS_VARIABLE,
                        faults.toString(),
                        LOG_VARIABLE,
                        log.file().toAbsolutePath().toString());
    }

    /** Returns a worker process with the faults that its environment orders, if it does. */
    public static WorkerConfig within(WorkerConfig config) {
        var faults = System.getenv(FAULTS_VARIABLE);
        var file = System.getenv(LOG_VARIABLE);
        if (faults == null || file == null) {
            return config;
        }
        var log = new FaultLog(Path.of(file));
        return config.with(
                new WorkerFaults(
                        FaultPlan.of(faults, FaultSource.RunSize.ANY),
                        struck -> {
                            LOG.warn("fault in {}", struck);
                            log.add(struck);
                        }));
    }

    /**
     * The processes are there; returns what ends them, also those that were stopped or came late.
     */
    RunLaunch.Workers over(LocalWorkers workers) {
        started.complete(workers);
        return () -> {
            stopped.kill();
            // A process that joins now would wait for work that no longer comes.
            joined.forEach(Process::destroy);
            workers.close();
        };
    }

    /** Returns who lets the faults strike as the run goes on, and tells of them; none if none. */
    Optional<RunObserver> observer(Progress progress) {
        if (left.equals(FaultPlan.NONE) && !resumed) {
            return Optional.empty();
        }
        if (!resumed) {
            log.clear();
        }
        progress.line("faults to come: " + left);
        return Optional.of(new Strikes(progress));
    }

    /** Returns the faults that have struck. */
    List<StruckFault> struck() {
        return left.equals(FaultPlan.NONE) && !resumed ? List.of() : log.read();
    }

    private final class Strikes implements RunObserver {
        private final Progress progress;
        private final Deque<ProcessFault> pending = new ArrayDeque<>(left.ofProcesses());
        private int told = log.read().size();
        private long readBytes = log.bytes();

        Strikes(Progress progress) {
            this.progress = progress;
        }

        @Override
        public void on(RunEvent event) {
            if (event instanceof RunEvent.StepTaken taken) {
                var next = taken.report().step() + 1;
                while (!pending.isEmpty() && pending.peek().step() <= next) {
                    strike(pending.remove(), next);
                }
                tell();
            } else if (event instanceof RunEvent.Ended) {
                tell();
            }
        }

        private void strike(ProcessFault fault, long step) {
            var workers = started.join();
            var victim = fault.victim().stream().boxed().findFirst().flatMap(workers::find);
            if (fault.victim().isPresent() && victim.isEmpty()) {
                say("fault: %s finds nobody: that process has ended".formatted(fault.text()));
                return;
            }
            log.add(new StruckFault(step, fault.text()));
            switch (fault) {
                case ProcessFault.Kill _ -> victim.ifPresent(Process::destroyForcibly);
                case ProcessFault.Leave _ -> victim.ifPresent(Process::destroy);
                case ProcessFault.Pause pause -> victim.ifPresent(process -> pause(process, pause));
                case ProcessFault.Join _ -> join(workers);
                case ProcessFault.KillCoordinator _ -> die();
            }
        }

        private void pause(Process process, ProcessFault.Pause pause) {
            stopped.stop(process);
            pause.millis()
                    .ifPresent(millis ->
                            Threads.startVirtual(
                                    ProcessPart.PAUSE,
                                    () -> stopped.goOnAfter(process, Duration.ofMillis(millis))));
        }

        private void join(LocalWorkers workers) {
            try {
                joined.add(workers.start(nextNumber++, workersOfProcess));
            } catch (IOException e) {
                say("fault: no process could be started: " + Reason.of(e));
            }
        }

        private void die() {
            tell();
            progress.close();
            // Nobody would ever wake them: they are to find that their coordinator is gone.
            stopped.goOn();
            Signal.KILL.send(ProcessHandle.current());
            Runtime.getRuntime().halt(128 + 9);
        }

        /** Says which faults have struck since the last time, here or in a worker process. */
        private void tell() {
            if (log.bytes() == readBytes) {
                return;
            }
            readBytes = log.bytes();
            var struck = log.read();
            struck.subList(told, struck.size()).forEach(fault -> say("fault in " + fault));
            told = struck.size();
        }

        private void say(String line) {
            LOG.warn("{}", line);
            progress.line(line);
        }
    }
}
