package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.relay.RelayDecision;
import dev.tutti.common.step.relay.RelayEvent;
import dev.tutti.common.step.relay.RelayMachine;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.simulation.Scenario;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a relay does with statistics that its coordinator sends in a wrong order (law 8). */
class RelayedRoundsTest {
    private static final RunSpec SPEC =
            Scenario.standard().withModel("dense(7),batch-norm(over=batch),dense(3)").spec();
    private static final WorkerId ABOVE = new WorkerId(5);

    private final RelayMachine relay =
            new RelayMachine(
                    Arena.ofAuto(),
                    new ToWorker.Welcome(
                            new ProcessId(3), List.of(ABOVE), SPEC, MemberLimits.STANDARD),
                    new SamplePlan(SPEC, Scenario.DATA),
                    SPEC.buildModel().vectorLength(),
                    index -> "index " + index);

    @Test
    void aLeaseOfWhoseBatchTooLittleIsKnownEndsTheMembership() {
        tell(0, 0);
        assertThat(above(new ToWorker.Grant(List.of(lease(new Work.Train(0))))))
                .anyMatch(decision ->
                        decision instanceof RelayDecision.Leave(var complete, var reason)
                                && !complete
                                && reason.contains("step 0, but the 2 rounds before it"));
    }

    @Test
    void statisticsThatAreNotOfTheNextRoundEndTheMembership() {
        assertThat(tell(0, 1))
                .anyMatch(decision ->
                        decision instanceof RelayDecision.Leave(_, var reason)
                                && reason.contains("expected round 0 of 2"));
    }

    /** A member that came then would have been told of rounds that nobody knew any more. */
    @Test
    void statisticsOfTheNextStepEndTheLeasesOfTheOneBefore() {
        tell(0, 0);
        tell(0, 1);
        var lease = lease(new Work.Train(0));
        above(new ToWorker.Grant(List.of(lease)));
        assertThat(tell(1, 0)).contains(new RelayDecision.Above(new ToCoordinator.Returned(lease)));
        var info = new ProcessInfo(1, "host", 1, "plain", "same");
        below(
                new MembersEvent.Joined(
                        new ProcessId(0), new ToCoordinator.Join(Protocol.VERSION, info)));
        var decisions =
                below(new MembersEvent.Received(new ProcessId(0), new ToCoordinator.Ready(1, 0)));
        assertThat(decisions)
                .noneMatch(decision ->
                        decision
                                instanceof RelayDecision.Below(Decision.Send(_, ToWorker.Grant _)));
    }

    private List<RelayDecision> tell(long step, int round) {
        return above(
                new ToWorker.Statistics(
                        new Work.Measure(step, round), BatchStatistics.of(new double[15])));
    }

    private static Lease lease(Work work) {
        return new Lease(work, new ShardRange(0, SPEC.shards()), 0, ABOVE);
    }

    private List<RelayDecision> above(ToWorker message) {
        return relay.on(new RelayEvent.FromAbove(message), 0);
    }

    private List<RelayDecision> below(MembersEvent event) {
        return relay.on(new RelayEvent.FromBelow(event), 0);
    }
}
