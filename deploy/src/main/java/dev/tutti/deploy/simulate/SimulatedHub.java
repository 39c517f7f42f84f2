package dev.tutti.deploy.simulate;

import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A process with members in a {@link ClusterSimulation}: the coordinator or a relay. */
abstract class SimulatedHub {
    /** Whose link and core its members share. */
    final VirtualHost host;

    private final Map<ProcessId, SimulatedStream> members = new TreeMap<>();

    SimulatedHub(VirtualHost host) {
        this.host = host;
    }

    /** Takes something that happened to a member, and does what its machine says. */
    abstract void on(MembersEvent event);

    /** Returns what there is of the weights of a version. */
    abstract PublishedWeights published(long version);

    /** A process opens its stream. */
    void join(SimulatedStream stream, ProcessInfo info) {
        members.put(stream.id(), stream);
        on(new MembersEvent.Joined(stream.id(), new ToCoordinator.Join(Protocol.VERSION, info)));
    }

    /** Lets time pass, with a heartbeat of every member. */
    void beat() {
        List.copyOf(members.keySet()).forEach(id -> on(new MembersEvent.Beat(id)));
        on(new MembersEvent.TimePassed());
    }

    /** Nobody fails here: a member that is refused or dropped is a defect of the simulation. */
    void perform(Decision.OfMembers decision) {
        switch (decision) {
            case Decision.Send(var id, var message) -> stream(id).down(message);
            case Decision.Publish(var id, var version) -> stream(id).publish(version);
            case Decision.Drop _, Decision.Depart _, Decision.Refuse _, Decision.Rejected _ ->
                    throw new IllegalStateException("in a simulated run: " + decision);
            case Decision.Admitted _, Decision.Note _, Decision.Warning _ -> {}
        }
        host.send();
    }

    void letFlow(ProcessId id) {
        stream(id).letFlow();
    }

    /** Lets the next weights go as far as they are there. */
    void publishAhead(PublishedWeights ahead) {
        members.values().forEach(stream -> stream.publishAhead(ahead));
        host.send();
    }

    private SimulatedStream stream(ProcessId id) {
        var stream = members.get(id);
        if (stream == null) {
            throw new IllegalStateException("no member " + id);
        }
        return stream;
    }
}
