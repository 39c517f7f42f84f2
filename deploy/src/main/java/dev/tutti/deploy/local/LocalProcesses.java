package dev.tutti.deploy.local;

import akka.actor.typed.ActorSystem;
import dev.tutti.common.chaos.StruckFault;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.deploy.run.PreparedRun;
import dev.tutti.deploy.run.Progress;
import dev.tutti.deploy.run.RunLaunch;
import dev.tutti.proto.access.RunToken;
import java.util.List;
import java.util.Optional;

/**
 * Starts a run's worker processes on this machine, with the faults that they are to stand.
 *
 * @param local how many
 * @param run that they compute
 * @param token that they show
 * @param kernel arguments with which they take the kernel of this run
 * @param chaos their faults
 */
record LocalProcesses(
        LocalTraining local,
        PreparedRun run,
        Optional<RunToken> token,
        List<String> kernel,
        Chaos chaos)
        implements RunLaunch.WorkerStart {
    @Override
    public RunLaunch.Workers start(
            ActorSystem<?> system, Coordinator coordinator, Progress progress) {
        local.tellKernel(progress);
        RunLaunch.warnOfIdleWorkers(run, local.workers(), progress);
        return chaos.over(
                LocalWorkers.start(
                        local.workers(),
                        local.processes(),
                        new WorkerLaunch(
                                coordinator.port(),
                                token,
                                kernel,
                                run.plan().directory().resolve("logs"),
                                chaos::environment),
                        new LocalWorkers.Ends() {
                            @Override
                            public void ended(String line) {
                                progress.warned(line);
                            }

                            @Override
                            public void allEnded(String lastLine) {
                                coordinator.abandon(
                                        "no worker process is left, and none will come: "
                                                + lastLine);
                            }
                        }));
    }

    @Override
    public Optional<RunObserver> observer(Progress progress) {
        return chaos.observer(progress);
    }

    @Override
    public List<StruckFault> faults() {
        return chaos.struck();
    }
}
