package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.Decision.Audited.Kind;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedCluster;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Audits: what two processes compute is compared bit for bit. Without a fault no bit of the weights
 * changes; with one, the process that is wrong is found, and nothing of its wrong shard is used.
 */
class AuditClusterTest {
    private static final String CLOCK = "virtual(spread=0.8,slow=1,factor=3)";
    private static final Map<Scenario, float[]> ALONE = new HashMap<>();

    static Stream<Scenario> scenarios() {
        var standard = Scenario.standard();
        return Stream.of(
                standard,
                standard.with(Scenario.WITHOUT_MOMENTUM),
                standard.with(new Bf16()),
                standard.with(Scenario.Averages.of("median")),
                standard.with(new Scenario.Averages("median", "none", "sign-flip", 1)),
                standard.withCompressor("int8(8)").withModel("dense(24),relu,dense(3)"),
                standard.withCompressor("random-k(0.1)").withModel("dense(24),relu,dense(3)"),
                standard.withMode("backup(2)", CLOCK),
                standard.withMode("stale(2)", CLOCK),
                standard.withMode("asynchronous(4)", CLOCK),
                standard.withMode("local(3,rate=0.1)", CLOCK));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void anAuditWithoutAFaultChangesNoBit(Scenario scenario) {
        for (var fraction : List.of(1.0, 0.3)) {
            for (var seed = 1; seed <= 4; seed++) {
                var cluster = new SimulatedCluster(scenario.withAudit(fraction), seed);
                for (var i = 0; i < 1 + seed; i++) {
                    cluster.join(1 + i % 2, i == 0 && seed % 2 == 0);
                }
                assertBits(cluster, scenario);
                assertThat(fraction < 1 || !of(cluster, Kind.AUDITED).isEmpty()).isTrue();
                assertThat(of(cluster, Kind.DIFFERENCE)).isEmpty();
                assertThat(of(cluster, Kind.EXPELLED)).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aWorkerThatDiesALateOneAndOneThatLeavesCostNoBit(Scenario scenario) {
        for (var seed = 1; seed <= 6; seed++) {
            var cluster = new SimulatedCluster(scenario.withAudit(0.5), seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            var leaving = cluster.join(1, false);
            cluster.join(1, false).slowness = 20;
            cluster.runToStep(seed);
            cluster.runFor(3L * seed);
            victim.kill(seed % 2 == 0);
            cluster.runToStep(seed + 3);
            leaving.leave();
            assertBits(cluster, scenario);
            assertThat(of(cluster, Kind.EXPELLED)).isEmpty();
        }
    }

    @Test
    void aCoordinatorThatDiesGoesOn() {
        for (var seed = 1; seed <= 6; seed++) {
            var cluster = new SimulatedCluster(Scenario.standard().withAudit(0.5), seed);
            cluster.join(1, false);
            cluster.join(2, false);
            cluster.runToStep(seed);
            cluster.runFor(2L * seed);
            cluster.crash(100);
            assertBits(cluster, Scenario.standard());
        }
    }

    /** What is audited follows from the seed, and from nobody who computes. */
    @Test
    void theSameShardsAreAuditedOnAnyProcesses() {
        var two = audited(2);
        assertThat(two).isNotEmpty().hasSizeLessThan(14 * 5);
        assertThat(audited(4)).containsExactlyInAnyOrderElementsOf(two);
    }

    private static List<String> audited(int processes) {
        var cluster = new SimulatedCluster(Scenario.standard().withAudit(0.3), processes);
        for (var i = 0; i < processes; i++) {
            cluster.join(1, false);
        }
        cluster.run();
        return of(cluster, Kind.AUDITED);
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aFlippedBitIsFoundNamedAndNotUsed(Scenario scenario) {
        for (var inPlace : List.of(false, true)) {
            var cluster = new SimulatedCluster(scenario.withAudit(1), 3);
            cluster.join(1, false);
            var liar = cluster.join(1, inPlace);
            cluster.join(1, false);
            cluster.flip(firstFrom(1, 5));
            liar.touch();
            assertBits(cluster, scenario);
            assertThat(of(cluster, Kind.DIFFERENCE))
                    .singleElement()
                    .asString()
                    .contains("worker 1 (host1, pid 1)")
                    .contains("index ");
            assertThat(of(cluster, Kind.EXPELLED))
                    .singleElement()
                    .asString()
                    .contains("worker 1 (host1, pid 1) sent wrong bits");
            assertThat(cluster.history(Decision.Refuse.class))
                    .allMatch(refuse -> refuse.rejection().kind() == Rejection.Kind.EXPELLED)
                    .isNotEmpty();
            assertThat(liar.isAlive()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void ofTwoProcessesTheOneThatContradictsItselfIsExpelled(int number) {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = new SimulatedCluster(Scenario.standard().withAudit(1), seed);
            cluster.join(1, false);
            cluster.join(1, false);
            cluster.flip(firstFrom(number, 4));
            cluster.processes().get(number).touch();
            assertBits(cluster, Scenario.standard());
            assertThat(of(cluster, Kind.EXPELLED))
                    .singleElement()
                    .asString()
                    .contains("worker %d (host%d".formatted(number, number));
            assertThat(of(cluster, Kind.ALONE)).isNotEmpty();
        }
    }

    @Test
    void ofTwoProcessesThatStayWithTheirBitsNoneIsBelieved() {
        var scenario = Scenario.standard().with(Limits.standard(2)).withAudit(1);
        var cluster = new SimulatedCluster(scenario, 1);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.flip(message -> isFrom(message, 1));
        cluster.run();
        assertThat(cluster.history(Decision.Aborted.class))
                .singleElement()
                .satisfies(aborted -> {
                    assertThat(aborted.kind()).isEqualTo(Decision.Failure.DISPUTED);
                    assertThat(aborted.reason())
                            .contains("worker 0 (", "worker 1 (", "let a third process join");
                });
        assertThat(cluster.version()).isZero();
    }

    @Test
    void aLiarInEveryShardIsFoundInItsFirstAudit() {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = new SimulatedCluster(Scenario.standard().withAudit(0.2), seed);
            cluster.join(1, false);
            cluster.join(1, false);
            cluster.join(1, false);
            cluster.flip(message -> isFrom(message, 2));
            cluster.processes().get(2).touch();
            cluster.run();
            cluster.requireLaws();
            assertThat(of(cluster, Kind.EXPELLED))
                    .singleElement()
                    .asString()
                    .contains("worker 2 (host2, pid 2)")
                    .contains("never audited before");
        }
    }

    @Test
    void whatALiarBroughtSinceItsLastCleanAuditIsTold() {
        var cluster = new SimulatedCluster(Scenario.standard().withAudit(0.3), 1);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.join(1, false);
        cluster.flip(message -> isFrom(message, 2) && lease(message).work().step() >= 6);
        cluster.processes().get(2).touch();
        cluster.run();
        cluster.requireLaws();
        assertThat(of(cluster, Kind.EXPELLED))
                .singleElement()
                .asString()
                .containsPattern("last audited in step [1-9][0-9]*; since then|and none of its");
    }

    @Test
    void oneProcessAloneIsTakenAtItsWordAndThatIsSaid() {
        var cluster = new SimulatedCluster(Scenario.standard().withAudit(1), 1);
        cluster.join(3, false);
        assertBits(cluster, Scenario.standard());
        assertThat(of(cluster, Kind.AUDITED)).isEmpty();
        assertThat(of(cluster, Kind.ALONE)).hasSize(14 * 5);
    }

    @Test
    void anAuditWaitsForNobodyWhoIsLost() {
        for (var seed = 1; seed <= 5; seed++) {
            var cluster = new SimulatedCluster(Scenario.standard().withAudit(1), seed);
            cluster.join(1, false);
            var victim = cluster.join(1, false);
            cluster.runToStep(seed);
            victim.kill(true);
            assertBits(cluster, Scenario.standard());
        }
    }

    @Test
    void aRelayIsRefused() {
        var cluster = new SimulatedCluster(Scenario.standard().withAudit(0.1), 1);
        cluster.join(1, false);
        cluster.join(cluster.relay(cluster.members()).members, 2);
        assertThatThrownBy(() -> cluster.runFor(2_000))
                .hasMessageContaining("was refused for good");
        assertThat(cluster.history(Decision.Refuse.class))
                .anySatisfy(refused ->
                        assertThat(refused.rejection().detail())
                                .contains("an audit behind a relay"));
    }

    /** Lets the first lease of a worker, from a step on, have a wrong bit. */
    private static Predicate<ToCoordinator> firstFrom(int worker, long step) {
        var struck = new HashMap<Integer, Lease>();
        return message ->
                isFrom(message, worker)
                        && lease(message).work().step() >= step
                        && struck.computeIfAbsent(worker, _ -> lease(message))
                                .equals(lease(message));
    }

    private static boolean isFrom(ToCoordinator message, int worker) {
        return (message instanceof ToCoordinator.Contribution
                        || message instanceof ToCoordinator.Coded)
                && lease(message).work() instanceof Work.Train
                && lease(message).worker().number() == worker;
    }

    private static Lease lease(ToCoordinator message) {
        return switch (message) {
            case ToCoordinator.Contribution contribution -> contribution.lease();
            case ToCoordinator.Coded coded -> coded.lease();
            default -> throw new IllegalArgumentException("no gradient: " + message);
        };
    }

    private static List<String> of(SimulatedCluster cluster, Kind kind) {
        return cluster.history(Decision.Audited.class).stream()
                .filter(audited -> audited.kind() == kind)
                .map(Decision.Audited::line)
                .toList();
    }

    private static void assertBits(SimulatedCluster cluster, Scenario scenario) {
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(alone(scenario));
    }

    private static float[] alone(Scenario scenario) {
        return ALONE.computeIfAbsent(scenario, SimulatedCluster::undisturbed);
    }
}
