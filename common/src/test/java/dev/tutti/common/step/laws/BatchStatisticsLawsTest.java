package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.coordinate.CoordinatorMachine;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedClock;
import dev.tutti.common.step.simulation.SimulatedCluster;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws hold for a model that normalises over the batch, whose steps are several works: under
 * every fault the weights are those of one worker.
 */
class BatchStatisticsLawsTest {
    private static final int SHARDS = 5;
    private static final String MODEL =
            "dense(7),batch-norm(over=batch),relu,residual(dense(7),batch-norm(over=batch)),dense(3)";
    private static final int ROUNDS = 4;
    private static final Scenario SCENARIO = Scenario.standard().withModel(MODEL);
    private static final float[] ALONE = SimulatedCluster.undisturbed(SCENARIO);

    @ParameterizedTest
    @CsvSource({"2,1,true", "1,2,false", "3,1,false", "1,3,true", "4,2,false", "7,1,false"})
    void anyNumberOfWorkersTrainsTheSameBits(int processes, int workers, boolean inPlace) {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = cluster(seed);
            for (var i = 0; i < processes; i++) {
                cluster.join(workers, inPlace);
            }
            cluster.run();
            assertBits(cluster, seed);
        }
    }

    @Test
    void roundingWhatTravelsChangesTheBitsForEverybodyAlike() {
        var rounded = SCENARIO.with(Roundings.CATALOGUE.parse("bf16"));
        var alone = SimulatedCluster.undisturbed(rounded);
        assertThat(alone).isNotEqualTo(ALONE);
        var cluster = new SimulatedCluster(rounded, 1);
        cluster.join(2, true);
        cluster.join(1, false);
        cluster.run();
        assertThat(cluster.weights()).isEqualTo(alone);
    }

    /** One shard is the whole batch, so nothing has to be asked of others. */
    @Test
    void shardsDoNotChangeTheTraining() {
        var whole =
                SCENARIO.with(Scenario.spec(16, 1)).withModel(MODEL.replace("(over=batch)", ""));
        var expected = SimulatedCluster.undisturbed(whole);
        for (var shards : List.of(1, 2, 5, 16)) {
            var found =
                    SimulatedCluster.undisturbed(
                            SCENARIO.with(Scenario.spec(16, shards)).withModel(MODEL));
            for (var i = 0; i < expected.length; i++) {
                assertThat(found[i])
                        .as("weight %d, %d shards", i, shards)
                        .isCloseTo(expected[i], within(1e-4f + 1e-3f * Math.abs(expected[i])));
            }
        }
        assertThat(
                        SimulatedCluster.undisturbed(
                                SCENARIO.with(Scenario.spec(16, 1)).withModel(MODEL)))
                .isEqualTo(expected);
    }

    /** An epoch has 72 training samples: its last batch has 2 of 14, for 5 shards. */
    @Test
    void shardsWithoutSamplesAddNothing() {
        var scenario = SCENARIO.with(Scenario.spec(14, SHARDS)).withModel(MODEL);
        var cluster = new SimulatedCluster(scenario, 1);
        cluster.join(2, false);
        cluster.join(1, true);
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(SimulatedCluster.undisturbed(scenario));
        assertThat(Floats.allFinite(Floats.of(Arena.ofAuto(), cluster.weights()))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 8, 13})
    void aWorkerThatDiesInAnyRoundCostsNoBit(long step) {
        for (var seed = 1; seed <= 12; seed++) {
            var cluster = cluster(seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            cluster.runToStep(step);
            cluster.runFor(3L * seed);
            victim.kill(false);
            cluster.run();
            assertBits(cluster, seed);
        }
    }

    @Test
    void aWorkerThatComesInTheMidstOfAStepIsToldWhatIsKnown() {
        for (var seed = 1; seed <= 12; seed++) {
            var cluster = cluster(seed);
            var first = cluster.join(2, false);
            cluster.runToStep(6);
            cluster.runFor(4L * seed);
            first.kill(false);
            cluster.runFor(50);
            cluster.join(1, false);
            cluster.run();
            assertBits(cluster, seed);
        }
    }

    @Test
    void aStragglerIsRelievedInARoundToo() {
        var cluster = cluster(3);
        var stuck = cluster.join(1, false);
        cluster.join(1, false);
        cluster.runToStep(4);
        stuck.hangs = true;
        stuck.touch();
        cluster.run();
        assertBits(cluster, 3);
        assertThat(cluster.history(Decision.Note.class))
                .anyMatch(note -> note.line().startsWith("straggling: step 4, round"));
    }

    @Test
    void aCoordinatorThatCrashesBeginsTheStepAnew() {
        for (var seed = 1L; seed < 14; seed++) {
            var cluster = cluster(seed);
            cluster.join(2, false);
            cluster.join(1, false);
            cluster.runToStep(seed);
            cluster.runFor(5 * seed);
            cluster.crash(2 * SimulatedClock.SECOND);
            cluster.run();
            assertBits(cluster, seed);
        }
    }

    @Test
    void relaysAddWhatTheCoordinatorWouldHaveAdded() {
        for (var seed = 1; seed <= 8; seed++) {
            var tree = cluster(seed);
            var top = tree.relay(tree.members());
            var low = tree.relay(top.members);
            tree.join(low.members, 1);
            tree.join(low.members, 2);
            tree.join(top.members, 1);
            var victim = tree.join(tree.relay(tree.members()).members, 1);
            tree.join(tree.members(), 1);
            tree.runToStep(5);
            tree.runFor(7L * seed);
            victim.kill(false);
            tree.run();
            assertBits(tree, seed);
            assertThat(top.said(ToCoordinator.Evaluated.class))
                    .anyMatch(said -> said.statistics().count() > 0);
        }
    }

    /** A sample takes 0.8 ms at least, each time that it is computed. */
    @Test
    void theTimeOfAStepIsThatOfItsRoundsToo() {
        var cluster = cluster(1);
        cluster.join(1, true);
        cluster.run();
        assertThat(cluster.history(Decision.StepTaken.class))
                .allSatisfy(taken -> {
                    var report = taken.report();
                    assertThat(report.collectNanos())
                            .isGreaterThan(
                                    report.totals().samples()
                                            * (ROUNDS + 1L)
                                            * SimulatedClock.MILLI
                                            * 8
                                            / 10);
                });
    }

    /** Nobody is told anything twice, nor given a lease before what it needs. */
    @Test
    void eachMemberIsToldEachRoundOnceBeforeItsLeases() {
        var cluster = cluster(2);
        cluster.join(2, false);
        cluster.join(1, true);
        cluster.run();
        var told = cluster.history(Decision.Send.class);
        var rounds =
                told.stream()
                        .filter(send -> send.message() instanceof ToWorker.Statistics)
                        .toList();
        assertThat(rounds).hasSizeBetween(14 * ROUNDS, 2 * 14 * ROUNDS).doesNotHaveDuplicates();
    }

    @Test
    void aModelWithoutRoundsIsToldNothing() {
        var cluster = new SimulatedCluster(Scenario.standard(), 2);
        cluster.join(2, false);
        cluster.run();
        assertThat(cluster.history(Decision.Send.class))
                .isNotEmpty()
                .noneMatch(send -> send.message() instanceof ToWorker.Statistics);
    }

    @ParameterizedTest
    @ValueSource(strings = {"count", "length", "NaN", "none"})
    void statisticsThatCannotBeRightAreComputedAgainElsewhere(String damage) {
        var machine = SCENARIO.machine(Arena.ofAuto(), 0);
        var lease = firstLease(machine);
        var right = new double[1 + 2 * 7];
        var samples = plan().slice(lease.work(), lease.shards());
        right[0] = samples.count();
        var wrong =
                switch (damage) {
                    case "count" -> BatchStatistics.of(new double[15]);
                    case "length" -> BatchStatistics.of(samples.count(), 1, 2);
                    case "NaN" -> {
                        right[3] = Double.NaN;
                        yield BatchStatistics.of(right);
                    }
                    default -> BatchStatistics.NONE;
                };
        var totals = new Totals(samples.count(), 0, 0, samples.hash());

        var decisions = machine.on(said(new ToCoordinator.Evaluated(lease, totals, wrong, 1)), 1);

        assertThat(decisions).anyMatch(Decision.Rejected.class::isInstance);
        assertThat(decisions)
                .anyMatch(decision ->
                        decision instanceof Decision.Send(_, ToWorker.Grant(var again))
                                && again.getFirst().work().equals(lease.work())
                                && again.getFirst().attempt() == 1);
        assertThat(machine.version()).isZero();
    }

    @Test
    void statisticsThatAreNeverFiniteEndTheRunAsDiverged() {
        var machine = SCENARIO.machine(Arena.ofAuto(), 0);
        var lease = firstLease(machine);
        var samples = plan().slice(lease.work(), lease.shards());
        var totals = new Totals(samples.count(), 0, 0, samples.hash());
        var values = new double[15];
        values[0] = samples.count();
        values[1] = Double.POSITIVE_INFINITY;
        var wrong = BatchStatistics.of(values);

        machine.on(said(new ToCoordinator.Evaluated(lease, totals, wrong, 1)), 1);
        var again = new Lease(lease.work(), lease.shards(), 1, lease.worker());
        var decisions = machine.on(said(new ToCoordinator.Evaluated(again, totals, wrong, 1)), 2);

        assertThat(decisions)
                .filteredOn(Decision.Aborted.class::isInstance)
                .singleElement()
                .asString()
                .contains("DIVERGED")
                .contains("step 0, round 0")
                .contains("statistics that are not finite");
    }

    private static Lease firstLease(CoordinatorMachine machine) {
        var info = new ProcessInfo(1, "host", 1, "plain", "same");
        machine.on(
                new MembersEvent.Joined(
                        new ProcessId(0), new ToCoordinator.Join(Protocol.VERSION, info)),
                0);
        return machine.on(said(new ToCoordinator.Ready(1, 0)), 0).stream()
                .filter(Decision.Send.class::isInstance)
                .map(decision -> ((Decision.Send) decision).message())
                .filter(ToWorker.Grant.class::isInstance)
                .map(message -> ((ToWorker.Grant) message).leases().getFirst())
                .findFirst()
                .orElseThrow();
    }

    private static MembersEvent said(ToCoordinator message) {
        return new MembersEvent.Received(new ProcessId(0), message);
    }

    private static SamplePlan plan() {
        return new SamplePlan(SCENARIO.spec(), Scenario.DATA);
    }

    private static void assertBits(SimulatedCluster cluster, long seed) {
        cluster.requireLaws();
        assertThat(cluster.weights()).as("seed %d", seed).isEqualTo(ALONE);
    }

    private static SimulatedCluster cluster(long seed) {
        return new SimulatedCluster(SCENARIO, seed);
    }
}
