package dev.tutti.deploy.simulate;

import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.relay.RelayDecision;
import dev.tutti.common.step.relay.RelayEvent;
import dev.tutti.common.step.relay.RelayMachine;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A machine with a relay, which joins when its first member comes. */
final class SimulatedRelay extends SimulatedHub {
    private final ClusterSimulation simulation;
    private final SimulatedHub above;
    private final List<MembersEvent> early = new ArrayList<>();
    private Optional<SimulatedStream> stream = Optional.empty();
    private Optional<RelayMachine> machine = Optional.empty();

    SimulatedRelay(ClusterSimulation simulation, SimulatedHub above) {
        super(simulation.host(ClusterSimulation.Place.RELAY));
        this.simulation = simulation;
        this.above = above;
    }

    @Override
    void on(MembersEvent event) {
        if (machine.isPresent()) {
            on(new RelayEvent.FromBelow(event));
        } else if (event instanceof MembersEvent.Joined(_, ToCoordinator.Join(_, var info))) {
            early.add(event);
            if (stream.isEmpty()) {
                join(info);
            }
        }
    }

    private void join(ProcessInfo member) {
        var id = new ProcessId(simulation.nextProcess());
        var opened = new SimulatedStream(id, above, host, simulation.costs, this::onMessage);
        stream = Optional.of(opened);
        above.join(
                opened,
                new ProcessInfo(
                        1, "host-" + id.number(), 1, member.kernel(), member.fingerprint()));
    }

    private void onMessage(ToWorker message) {
        if (message instanceof ToWorker.Welcome welcome) {
            machine =
                    Optional.of(
                            new RelayMachine(
                                    simulation.arena,
                                    welcome,
                                    simulation.plan,
                                    simulation.model.vectorLength(),
                                    index -> "index " + index));
            early.forEach(this::on);
            return;
        }
        on(new RelayEvent.FromAbove(message));
    }

    private void on(RelayEvent event) {
        machine.orElseThrow().on(event, simulation.clock.now()).forEach(this::perform);
    }

    private void perform(RelayDecision decision) {
        switch (decision) {
            case RelayDecision.Above(var message) -> stream.orElseThrow().up(message);
            case RelayDecision.Below(var ofMembers) -> perform(ofMembers);
            case RelayDecision.WeightsArrived() -> host.send();
            case RelayDecision.Leave _ -> {}
        }
    }

    @Override
    PublishedWeights published(long version) {
        return machine.map(relay -> relay.published(version)).orElse(PublishedWeights.NONE);
    }
}
