package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.average.observe.Observation;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.average.observe.Proof;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.Scenario.Averages;
import dev.tutti.common.step.simulation.SimulatedCluster;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A run that is looked at trains the bits of one that is not. What is seen depends on the gradients
 * alone, and not on the workers that computed them.
 */
class ObservedClusterTest {
    private static final int SHARDS = 8;
    private static final Observing CLOSELY =
            new Observing(3, AveragingRules.CATALOGUE.parseList("median,krum(f=1)"), 4, 2);

    static List<Scenario> scenarios() {
        var base = Scenario.standard().with(Scenario.spec(16, SHARDS, 4));
        return List.of(
                base,
                // The last batch of an epoch has two samples, for eight shards.
                Scenario.standard().with(Scenario.spec(14, SHARDS, 4)),
                base.with(Scenario.WITHOUT_MOMENTUM),
                base.with(new Bf16()),
                base.withModel("dense(5),batch-norm(over=batch),relu,dense(3)"),
                base.with(Averages.of("median")),
                base.with(Averages.of("krum(f=1)")),
                base.with(new Averages("trimmed-mean(f=1)", "nnm(f=1)", "alie", 2)));
    }

    /** Modes whose gradients wait for their steps; whole batches are computed in some alone. */
    static List<Scenario> schedules() {
        var base = Scenario.standard().with(Scenario.spec(16, SHARDS, 4));
        return List.of(
                base.withMode("backup(k=2)", "virtual(spread=0.5)"),
                base.withMode("stale(s=2)", "virtual(spread=0.5)"),
                base.with(new Averages("mean", "worker-momentum(beta=0.9)", "none", 0)));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void lookingChangesNoBit(Scenario scenario) {
        var plain = run(scenario, 1);
        var seen = run(scenario.with(CLOSELY), 1);
        assertThat(seen.weights()).isEqualTo(plain.weights());
        assertThat(observations(plain)).isEmpty();
        assertThat(observations(seen).keySet())
                .containsExactly(2L, 3L, 4L, 6L, 8L, 9L, 10L, 12L, 14L);
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void lookingChangesNoBitOfAModeEither(Scenario scenario) {
        var observing = new Observing(3, CLOSELY.shadows(), 0, 2);
        var plain = run(scenario, 1);
        var seen = run(scenario.with(observing), 1);
        assertThat(seen.weights()).isEqualTo(plain.weights());
        assertThat(observations(seen)).isEqualTo(observations(run(scenario.with(observing), 3)));
        assertThat(at(3, seen).seen().orElseThrow().whole().variance()).isNaN();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void whatIsSeenDependsOnNoWorker(Scenario scenario) {
        var alone = new SimulatedCluster(scenario.with(CLOSELY), 0);
        alone.join(1, true);
        alone.run();
        for (var workers = 2; workers < 5; workers++) {
            assertThat(observations(run(scenario.with(CLOSELY), workers)))
                    .as("%d workers", workers)
                    .isEqualTo(observations(alone));
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void whatIsSeenDependsOnNoRelayAndNoDeath(Scenario scenario) {
        var seen = scenario.with(CLOSELY);
        for (var seed = 1; seed <= 4; seed++) {
            var cluster = new SimulatedCluster(seen, seed);
            var relay = cluster.relay(cluster.members());
            cluster.join(relay.members, 2);
            var victim = cluster.join(relay.members, 1);
            cluster.join(1, false).slowness = 100;
            cluster.runToStep(seed);
            cluster.runFor(3L * seed);
            victim.kill(false);
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights()).isEqualTo(run(scenario, 1).weights());
            assertThat(observations(cluster)).isEqualTo(observations(run(seen, 1)));
        }
    }

    /** What is not finite is not looked at, and computed again. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void aGradientThatIsNotFiniteIsNotSeen(Scenario scenario) {
        var seen = scenario.with(new Observing(1, List.of(), 1, 1));
        var cluster = new SimulatedCluster(seen, 1);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.poison(message ->
                message instanceof ToCoordinator.Contribution contribution
                        && contribution.lease().work().step() == 4
                        && contribution.lease().attempt() == 0
                        && contribution.lease().shards().from() == 1);
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(run(scenario, 1).weights());
        assertThat(observations(cluster)).isEqualTo(observations(run(seen, 1)));
        assertThat(cluster.history(Decision.Note.class))
                .anyMatch(note -> note.line().contains("NaN"));
    }

    /** Only steps that are looked at get each shard by itself: the others cost nothing more. */
    @Test
    void otherStepsAddShardsUpAsEver() {
        var cluster = run(scenarios().getFirst().with(CLOSELY), 2);
        for (var taken : cluster.history(Decision.StepTaken.class)) {
            var step = taken.report().step();
            var isSeen = step % 2 == 0 || step % 3 == 0;
            assertThat(taken.report().shares().size() == SHARDS)
                    .as("step %d", step)
                    .isEqualTo(isSeen);
        }
    }

    /** The batch that is computed at once is that of the shards, whatever the run makes of them. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void theMeanOfTheShardsIsTheGradientOfTheWholeBatch(Scenario scenario) {
        var rounding = scenario.spec().wire() instanceof Bf16 ? 2e-2 : 1e-5;
        var proofs = proofs(run(scenario.with(new Observing(0, List.of(), 1, 0)), 3));
        assertThat(proofs).hasSize(14);
        for (var proof : proofs.values()) {
            assertThat(proof.refuted()).isEmpty();
            assertThat(proof.error()).isCloseTo(0, within(rounding));
            assertThat(proof.layers()).hasSize(scenario.spec().buildModel().layerOffsets().size());
        }
    }

    /** One shard is the whole batch: nothing is rounded in another way. */
    @Test
    void ofOneShardNothingIsRounded() {
        var scenario = Scenario.standard().with(Scenario.spec(16, 1, 4));
        var proofs = proofs(run(scenario.with(new Observing(0, List.of(), 1, 0)), 1));
        assertThat(proofs.values()).allSatisfy(proof -> assertThat(proof.error()).isZero());
    }

    @Test
    void oneBitOfOneShardIsFound() {
        var scenario = scenarios().getFirst().with(new Observing(0, List.of(), 0, 1));
        var plain = run(scenario, 2);
        var before = observations(plain);
        var cluster = new SimulatedCluster(scenario, 2);
        cluster.join(2, false);
        cluster.join(1, false);
        // The first layer has 49 floats: chunk 13, of 4 floats each, begins in the second one.
        cluster.flip(message ->
                message instanceof ToCoordinator.Contribution contribution
                        && contribution.lease().work() instanceof Work.Train(var step, _)
                        && step == 6
                        && contribution.lease().shards().from() == 5
                        && contribution.offset() <= 52
                        && 52 < contribution.offset() + contribution.values().elements().count());
        cluster.run();
        var after = observations(cluster);
        for (var step = 1L; step <= 6; step++) {
            assertThat(after.get(step)).isEqualTo(before.get(step));
        }
        var was = at(7, plain).digests().orElseThrow();
        var is = at(7, cluster).digests().orElseThrow();
        assertThat(is.root()).isNotEqualTo(was.root());
        var changed = new ArrayList<String>();
        for (var shard = 0; shard < SHARDS; shard++) {
            for (var layer = 0; layer < 2; layer++) {
                if (!is.leaves().get(shard).get(layer).equals(was.leaves().get(shard).get(layer))) {
                    changed.add("shard %d layer %d".formatted(shard, layer));
                }
            }
        }
        assertThat(changed).containsExactly("shard 5 layer 1");
    }

    private static SimulatedCluster run(Scenario scenario, int workers) {
        var cluster = new SimulatedCluster(scenario, workers);
        for (var i = 0; i < workers; i++) {
            cluster.join(1 + i % 2, i == 0 && workers % 3 == 0);
        }
        cluster.run();
        cluster.requireLaws();
        return cluster;
    }

    private static Map<Long, Observation> observations(SimulatedCluster cluster) {
        var seen = new TreeMap<Long, Observation>();
        for (var taken : cluster.history(Decision.StepTaken.class)) {
            taken.report()
                    .observation()
                    .ifPresent(observation -> seen.put(taken.report().step(), observation));
        }
        return seen;
    }

    private static Observation at(long step, SimulatedCluster cluster) {
        return Objects.requireNonNull(observations(cluster).get(step));
    }

    private static Map<Long, Proof> proofs(SimulatedCluster cluster) {
        var proofs = new HashMap<Long, Proof>();
        observations(cluster)
                .forEach((step, seen) -> seen.proof().ifPresent(proof -> proofs.put(step, proof)));
        return proofs;
    }
}
