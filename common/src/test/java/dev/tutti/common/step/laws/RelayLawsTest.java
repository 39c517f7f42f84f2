package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.Patience;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedClock;
import dev.tutti.common.step.simulation.SimulatedCluster;
import dev.tutti.common.step.simulation.SimulatedProcess;
import dev.tutti.common.step.simulation.SimulatedWorkers;
import dev.tutti.common.step.worker.WorkerDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The laws hold through relays, too: under every fault the weights are those of one worker. */
class RelayLawsTest {
    private static final long STEPS = 12;
    private static final int SHARDS = 8;
    private static final int CREDIT = 2;

    /** Chunks of 4 floats, so that a vector of 73 has 19: far more than the credit. */
    private static final Scenario SCENARIO =
            new Scenario(
                    Scenario.spec(16, SHARDS, 4),
                    Scenario.OPTIMIZER,
                    STEPS,
                    EarlyStopping.NEVER,
                    Limits.standard(1),
                    Observing.NONE,
                    Auditing.NONE);

    private static final float[] ALONE = alone();

    @Test
    void twoRelaysTrainTheBitsOfOneWorkerWithOneContributionEach() {
        for (var seed = 1; seed <= 5; seed++) {
            var tree = tree(seed, limits(8));
            for (var i = 0; i < 2; i++) {
                var relay = tree.relay(tree.members());
                tree.join(relay.members, 2);
                tree.join(relay.members, 1);
                tree.join(relay.members, 1);
            }
            tree.run();
            assertBits(tree, seed);
            assertThat(tree.history(Decision.StepTaken.class))
                    .allMatch(taken -> taken.report().shares().size() == 2);
        }
    }

    @Test
    void unevenTreesOfSeveralLevelsTrainTheBitsOfOneWorker() {
        for (var seed = 1; seed <= 8; seed++) {
            var tree = tree(seed, limits(1));
            var top = tree.relay(tree.members());
            var middle = tree.relay(top.members);
            var low = tree.relay(middle.members);
            tree.join(low.members, 1);
            tree.join(low.members, 1);
            tree.join(middle.members, 3);
            tree.join(top.members, 1);
            tree.join(tree.relay(tree.members()).members, 1);
            tree.join(tree.members(), 1);
            tree.run();
            assertBits(tree, seed);
        }
    }

    @Test
    void evaluationIsCountedWholeThroughRelays() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 2);
        tree.join(tree.members(), 1);
        tree.run();
        var alone = tree(2, limits(1));
        alone.join(alone.members(), 1);
        alone.run();
        assertThat(tree.history(Decision.PartEvaluated.class))
                .isEqualTo(alone.history(Decision.PartEvaluated.class))
                .allMatch(part -> part.totals().samples() == Scenario.SAMPLES / 10);
        assertThat(relay.said(ToCoordinator.Evaluated.class)).isNotEmpty();
    }

    @Test
    void aRelayGetsAsMuchAsItsWorkersComputeTogether() {
        var tree = tree(1, limits(4));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 2);
        tree.join(relay.members, 1);
        tree.join(tree.members(), 1);
        tree.run();
        assertThat(tree.history(Decision.StepTaken.class))
                .allSatisfy(taken ->
                        assertThat(
                                        taken.report().shares().stream()
                                                .filter(share -> share.worker().number() == 1)
                                                .mapToInt(share -> share.shards().size())
                                                .sum())
                                .isBetween(5, 7));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4, 11})
    void aWorkerThatDiesBelowARelayCostsNoBit(long step) {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(2));
            var relay = tree.relay(tree.members());
            tree.join(relay.members, 1);
            var victim = tree.join(relay.members, 2);
            tree.join(tree.members(), 1);
            tree.runToStep(step);
            awaitMember(tree, victim);
            tree.runFor(7L * seed);
            victim.kill(false);
            tree.run();
            assertBits(tree, seed);
            assertThat(relay.history(Decision.Drop.class)).as("seed %d", seed).hasSize(1);
            assertThat(tree.history(Decision.Drop.class)).as("seed %d", seed).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 4, 11})
    void aRelayThatDiesCostsNoBitAndMayComeBack(long step) {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(5));
            var victim = tree.relay(tree.members());
            tree.join(victim.members, 2);
            var top = tree.relay(tree.members());
            tree.join(tree.relay(top.members).members, 2);
            tree.join(top.members, 1);
            tree.runToStep(step);
            tree.runFor(11L * seed);
            victim.process.kill(false);
            tree.runFor(50);
            tree.join(tree.relay(tree.members()).members, 2);
            tree.run();
            assertBits(tree, seed);
        }
    }

    @Test
    void aRelayWithoutWorkersGivesItsLeasesBackUntilOthersCome() {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(3));
            var relay = tree.relay(tree.members());
            var victim = tree.join(relay.members, 2);
            tree.join(tree.members(), 1);
            tree.runToStep(3);
            tree.runFor(5L * seed);
            victim.kill(false);
            tree.runToStep(5);
            assertThat(relay.said(ToCoordinator.Ready.class))
                    .as("seed %d", seed)
                    .contains(new ToCoordinator.Ready(0, 1));
            tree.join(relay.members, 3);
            tree.run();
            assertBits(tree, seed);
            assertThat(tree.history(Decision.StepTaken.class).getLast().report().shares())
                    .as("seed %d", seed)
                    .hasSizeGreaterThan(1);
        }
    }

    @Test
    void aRunWhoseOnlyRelayHasNobodyWaitsForWorkers() {
        var tree = tree(1, limits(1));
        var relay = tree.relay(tree.members());
        var victim = tree.join(relay.members, 1);
        tree.runToStep(3);
        victim.kill(false);
        tree.runFor(200);
        tree.join(relay.members, 1);
        tree.run();
        assertBits(tree, 1);
        assertThat(tree.history(Decision.Warning.class))
                .anyMatch(warning -> warning.line().startsWith("paused: 0 workers ready"));
    }

    @Test
    void aSilentWorkerIsNamedByItsRelay() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 1);
        var silent = tree.join(relay.members, 1);
        tree.join(tree.members(), 1);
        tree.runToStep(4);
        silent.stop();
        tree.run();
        assertBits(tree, 1);
        assertThat(relay.history(Decision.Drop.class))
                .singleElement()
                .satisfies(
                        drop -> assertThat(drop.reason()).contains("no heartbeat or message for"));
        assertThat(tree.history(Decision.Drop.class)).isEmpty();
    }

    @Test
    void aStragglersPartIsComputedByAnotherBelowTheSameRelay() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 1);
        var stuck = tree.join(relay.members, 1);
        tree.join(tree.members(), 1);
        tree.runToStep(4);
        stuck.hangs = true;
        stuck.touch();
        tree.run();
        assertBits(tree, 1);
        assertThat(relay.history(Decision.Note.class))
                .anyMatch(note -> note.line().startsWith("straggling: "));
    }

    /** A relay that is late with the rest of what it has begun to send has no hand free for it. */
    @Test
    void aRelayIsNotAskedToRelieveItself() {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(2));
            var relay = tree.relay(tree.members());
            tree.join(relay.members, 2);
            // Late enough that it is known what is usual.
            tree.runToStep(10);
            var before = relay.said(ToCoordinator.Contribution.class).size();
            while (relay.said(ToCoordinator.Contribution.class).size() == before) {
                tree.runFor(1);
            }
            relay.process.touch();
            relay.process.holdLink(4 * SimulatedClock.SECOND);
            tree.run();
            tree.requireLaws();
            assertBits(tree, seed);
            assertThat(tree.history(Decision.Note.class))
                    .as("seed %d", seed)
                    .anyMatch(note -> note.line().endsWith("but no other worker is idle"));
        }
    }

    @Test
    void aSilentRelayLosesItsLeasesToOthers() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 2);
        tree.join(tree.members(), 1);
        tree.runToStep(4);
        relay.process.stop();
        tree.run();
        assertBits(tree, 1);
        assertThat(tree.history(Decision.Note.class))
                .anyMatch(note -> note.line().startsWith("straggling: step 4"));
    }

    @Test
    void aGradientThatIsNotFiniteIsNamedByTheRelayAndComputedAgain() {
        var tree = tree(2, limits(3));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 1);
        tree.join(relay.members, 1);
        tree.join(tree.members(), 1);
        var poisoned = new AtomicInteger();
        tree.poison(message ->
                message instanceof ToCoordinator.Contribution(var lease, _, _, _, _)
                        && lease.work().step() == 3
                        && lease.shards().size() < 4
                        && poisoned.getAndIncrement() == 0);
        tree.run();
        assertThat(poisoned.get()).isPositive();
        assertBits(tree, 2);
        var named = new ArrayList<>(relay.history(Decision.Note.class));
        named.addAll(tree.history(Decision.Note.class));
        assertThat(named)
                .anyMatch(note ->
                        note.line().contains("gradient of step 3") && note.line().contains("NaN"));
    }

    @Test
    void aGradientThatIsNeverFiniteEndsTheRunAsDiverged() {
        var tree = tree(2, limits(4));
        var first = tree.relay(tree.members());
        tree.join(first.members, 2);
        var second = tree.relay(tree.members());
        tree.join(second.members, 2);
        tree.poison(message ->
                message instanceof ToCoordinator.Contribution(var lease, _, _, _, _)
                        && lease.work().step() == 3
                        && lease.shards().contains(new ShardRange(0, 1)));
        tree.run();
        assertThat(tree.history(Decision.Aborted.class))
                .singleElement()
                .satisfies(aborted -> {
                    assertThat(aborted.kind()).isEqualTo(Decision.Failure.DIVERGED);
                    assertThat(aborted.reason()).contains("step 3").contains("NaN");
                });
        assertThat(tree.history(Decision.StepTaken.class)).hasSize(3);
    }

    /**
     * Law 7: chunks of a member are let in only as far as the coordinator has room for their sum.
     */
    @Test
    void aRelayHoldsNoMoreChunksThanTheCreditOfItsMembersLeases() {
        for (var seed = 1; seed <= 10; seed++) {
            var tree = tree(seed, limits(5));
            var relay = tree.relay(tree.members());
            for (var i = 0; i < 4; i++) {
                tree.join(relay.members, 1);
            }
            var slow = tree.join(tree.members(), 1);
            tree.runToStep(2);
            slow.hangs = true;
            tree.runFor(400);
            slow.hangs = false;
            tree.run();
            assertBits(tree, seed);
            assertThat(relay.members.loans.most())
                    .as("seed %d", seed)
                    .isBetween(1, SHARDS * CREDIT);
        }
    }

    @Test
    void whenTheCoordinatorHasNoRoomNoneOfAMembersChunksIsLetIn() {
        var tree = tree(3, limits(2));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 1);
        var slow = tree.join(tree.members(), 1);
        tree.runToStep(2);
        slow.hangs = true;
        var before = relay.said(ToCoordinator.Contribution.class).size();
        tree.runFor(2_000);
        assertThat(relay.said(ToCoordinator.Contribution.class).size() - before)
                .isLessThanOrEqualTo(2 * CREDIT);
        slow.hangs = false;
        tree.run();
        assertBits(tree, 3);
    }

    @Test
    void theEndOfTheRunReachesEveryWorker() {
        var tree = tree(1, limits(3));
        var relay = tree.relay(tree.members());
        var all =
                List.of(
                        tree.join(relay.members, 1),
                        tree.join(tree.relay(relay.members).members, 1),
                        tree.join(tree.members(), 1));
        tree.run();
        assertThat(all)
                .allSatisfy(workers ->
                        assertThat(((SimulatedWorkers) workers.role()).left())
                                .containsExactly(
                                        new WorkerDecision.Leave(true, "the run is complete")));
    }

    @Test
    void strictKernelsHoldThroughARelay() {
        var tree = tree(1, limits(1, true));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 1);
        tree.runToStep(1);
        tree.join(relay.members, 1, false, "another");
        tree.run();
        assertBits(tree, 1);
        assertThat(relay.history(Decision.Refuse.class))
                .singleElement()
                .satisfies(refused ->
                        assertThat(refused.rejection().kind()).isEqualTo(Rejection.Kind.KERNEL));
    }

    /** The silence that a run allows is the same through any number of relays. */
    @Test
    void theRunsSilenceHoldsBelowRelays() {
        var tree = tree(1, patient(2, Patience.ofSeconds(60, 120), MemberLimits.LEASE));
        var top = tree.relay(tree.members());
        var low = tree.relay(top.members);
        tree.join(low.members, 1);
        var stopped = tree.join(low.members, 1);
        tree.runToStep(3);
        stopped.stop();
        tree.runFor(40_000);
        stopped.goOn();
        tree.run();
        assertBits(tree, 1);
        assertThat(low.history(Decision.Drop.class)).isEmpty();
        assertThat(top.history(Decision.Drop.class)).isEmpty();
        assertThat(tree.history(Decision.Drop.class)).isEmpty();
    }

    @Test
    void aShorterSilenceThanUsualHoldsBelowRelays() {
        var tree = tree(1, patient(3, Patience.ofSeconds(0.5, 1), MemberLimits.LEASE));
        var relay = tree.relay(tree.members());
        tree.join(relay.members, 1);
        var silent = tree.join(relay.members, 1);
        tree.join(tree.members(), 1);
        tree.runToStep(3);
        silent.stop();
        tree.runFor(1_500);
        assertThat(relay.history(Decision.Drop.class)).hasSize(1);
        tree.run();
        assertBits(tree, 1);
    }

    @Test
    void theRunsTimeForALeaseHoldsBelowRelays() {
        var tree = tree(1, patient(1, MemberLimits.SILENCE, Patience.ofSeconds(1, 600)));
        var top = tree.relay(tree.members());
        var low = tree.relay(top.members);
        var slow = tree.join(low.members, 1);
        tree.runToStep(3);
        slow.hangs = true;
        slow.touch();
        tree.runFor(500_000);
        slow.hangs = false;
        tree.run();
        assertBits(tree, 1);
        assertThat(low.history(Decision.Drop.class)).isEmpty();
        assertThat(top.history(Decision.Drop.class)).isEmpty();
        assertThat(tree.history(Decision.Drop.class)).isEmpty();
    }

    /** As in a star: who hangs is told of --lease, and too many of them are a failure. */
    @Test
    void membersOfARelayThatHangAreCountedAmongTheFailures() {
        var tree = tree(1, patient(SHARDS, MemberLimits.SILENCE, Patience.ofSeconds(1, 20)));
        var relay = tree.relay(tree.members());
        var all = new ArrayList<SimulatedProcess>();
        for (var i = 0; i < SHARDS; i++) {
            all.add(tree.join(relay.members, 1));
        }
        tree.runToStep(3);
        all.forEach(process -> {
            process.hangs = true;
            process.touch();
        });
        tree.runFor(30_000);
        assertThat(relay.history(Decision.Drop.class))
                .hasSize(SHARDS)
                .allMatch(drop -> drop.reason().contains("--lease"));
        assertThat(relay.said(ToCoordinator.Failed.class))
                .first()
                .satisfies(failed -> assertThat(failed.reason()).contains("--lease"));
        all.forEach(process -> process.hangs = false);
        tree.run();
        assertBits(tree, 1);
    }

    /** Heartbeats may be on a connection that is dead, and the stream's is not. */
    @Test
    void whoSendsMessagesIsAliveWithoutHeartbeats() {
        for (var seed = 1; seed <= 5; seed++) {
            var tree = tree(seed, patient(3, Patience.ofSeconds(5, 5), MemberLimits.LEASE));
            var relay = tree.relay(tree.members());
            var below = List.of(tree.join(relay.members, 1), tree.join(relay.members, 1));
            var beside = tree.join(tree.members(), 1);
            tree.delay(200);
            tree.runToStep(2);
            below.forEach(process -> process.beatsVanish = true);
            relay.process.beatsVanish = true;
            beside.beatsVanish = true;
            var from = tree.clock.now();
            tree.runToStep(STEPS);
            assertThat(tree.clock.now() - from)
                    .as("seed %d", seed)
                    .isGreaterThan(6 * SimulatedClock.SECOND);
            assertThat(relay.history(Decision.Drop.class)).as("seed %d", seed).isEmpty();
            assertThat(tree.history(Decision.Drop.class)).as("seed %d", seed).isEmpty();
        }
    }

    private static Limits patient(int startWorkers, Patience silence, Patience lease) {
        return limits(startWorkers).with(1, false, silence, lease, Duration.ofMinutes(20));
    }

    private static void assertBits(SimulatedCluster tree, long seed) {
        assertThat(tree.weights()).as("seed %d", seed).isEqualTo(ALONE);
        assertThat(tree.history(Decision.EpochEnded.class))
                .as("seed %d", seed)
                .isNotEmpty()
                .allMatch(ended -> ended.entry().exact());
    }

    private static void awaitMember(SimulatedCluster tree, SimulatedProcess process) {
        while (process.member() == null) {
            tree.runFor(1);
        }
    }

    private static float[] alone() {
        var tree = tree(0, limits(1));
        tree.join(tree.members(), 1);
        tree.run();
        return tree.weights();
    }

    private static SimulatedCluster tree(long seed, Limits limits) {
        return new SimulatedCluster(SCENARIO.with(limits), seed);
    }

    private static Limits limits(int startWorkers) {
        return limits(startWorkers, false);
    }

    private static Limits limits(int startWorkers, boolean strictKernels) {
        return new Limits(
                startWorkers,
                1,
                Duration.ofMinutes(2),
                new MemberLimits(
                        strictKernels,
                        Duration.ofMillis(250),
                        MemberLimits.SILENCE,
                        MemberLimits.LEASE,
                        CREDIT));
    }
}
