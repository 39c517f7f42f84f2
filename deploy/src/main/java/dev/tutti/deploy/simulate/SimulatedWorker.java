package dev.tutti.deploy.simulate;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.Totals;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.worker.WorkerDecision;
import dev.tutti.common.step.worker.WorkerEvent;
import dev.tutti.common.step.worker.WorkerMachine;
import java.util.Optional;

/** A machine with one worker, whose gradient is there when the time to compute it has passed. */
final class SimulatedWorker {
    private final ClusterSimulation simulation;
    private final SimulatedStream stream;
    private Optional<WorkerMachine> machine = Optional.empty();

    SimulatedWorker(ClusterSimulation simulation, SimulatedHub above) {
        this.simulation = simulation;
        var id = new ProcessId(simulation.nextProcess());
        this.stream =
                new SimulatedStream(
                        id,
                        above,
                        simulation.host(ClusterSimulation.Place.WORKER),
                        simulation.costs,
                        this::onMessage);
        above.join(stream, new ProcessInfo(1, "host-" + id.number(), 1, "none", "same"));
    }

    private void onMessage(ToWorker message) {
        if (message instanceof ToWorker.Welcome welcome) {
            var length = simulation.model.vectorLength();
            var created = new WorkerMachine(simulation.arena, welcome, length, _ -> false);
            machine = Optional.of(created);
            created.start().forEach(this::perform);
            return;
        }
        on(new WorkerEvent.Received(message));
    }

    private void on(WorkerEvent event) {
        machine.orElseThrow().on(event).forEach(this::perform);
    }

    private void perform(WorkerDecision decision) {
        switch (decision) {
            case WorkerDecision.Send(var message) -> stream.up(message);
            case WorkerDecision.LoadData _ -> on(new WorkerEvent.DataLoaded());
            case WorkerDecision.Compute(var lease, _, _, _) -> {
                var nanos = simulation.costs.workNanos();
                simulation.clock.at(
                        simulation.clock.now() + nanos, () -> on(computed(lease, nanos)));
            }
            case WorkerDecision.Leave _ -> {}
        }
    }

    private WorkerEvent computed(Lease lease, long nanos) {
        var slice = simulation.plan.slice(lease.work(), lease.shards());
        return new WorkerEvent.Computed(
                lease,
                new Totals(slice.count(), 1, 0, slice.hash()),
                nanos,
                Payload.of(simulation.gradient),
                simulation.encoded());
    }
}
