package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.compress.Compressors;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedCluster;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compressed gradients have the same bits on any number of processes, also where virtual workers
 * keep what was left out: what goes down with a process is computed again.
 */
class CompressionClusterTest {
    private static final String CLOCK = "virtual(spread=0.8,slow=1,factor=3)";
    private static final Map<String, float[]> ALONE = new HashMap<>();

    static Stream<String> compressors() {
        return Stream.of(
                "int8(8)",
                "one-bit",
                "sign",
                "top-k(0.1)",
                "random-k(0.1)",
                "threshold(0.01)",
                "power-sgd(1)",
                "error-feedback(top-k(0.1))",
                "ef21(top-k(0.3))",
                "dgc(0.1)");
    }

    @Test
    void everyEntryIsHeldToTheLaws() {
        assertThat(compressors().map(text -> text.replaceAll("\\(.*", "")))
                .containsExactlyInAnyOrderElementsOf(
                        Compressors.CATALOGUE.names().stream()
                                .filter(name -> !name.equals(Compressors.NONE))
                                .toList());
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void anyNumberOfProcessesTrainsTheSameBits(String compressor) {
        for (var processes = 1; processes <= 4; processes++) {
            var cluster = cluster(compressor, "synchronous", processes);
            for (var i = 0; i < processes; i++) {
                cluster.join(1 + i % 2, i == 0 && processes % 2 == 0);
            }
            assertBits(cluster, compressor, "synchronous");
        }
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void aWorkerThatDiesAndAStragglerCostNoBit(String compressor) {
        for (var seed = 1; seed <= 8; seed++) {
            var cluster = cluster(compressor, "synchronous", seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            cluster.join(1, false).slowness = 20;
            cluster.runToStep(seed);
            cluster.runFor(2L * seed);
            victim.kill(seed % 2 == 0);
            assertBits(cluster, compressor, "synchronous");
        }
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void aWorkerThatLeavesInOrderTakesNothingAlong(String compressor) {
        for (var seed = 1; seed <= 8; seed++) {
            var cluster = cluster(compressor, "synchronous", seed);
            cluster.join(1, false);
            var leaving = cluster.join(2, false);
            cluster.runToStep(seed);
            cluster.runFor(2L * seed);
            leaving.leave();
            assertBits(cluster, compressor, "synchronous");
            assertThat(cluster.rewinds()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void aCoordinatorThatDiesGoesOnFromItsCheckpoint(String compressor) {
        for (var seed = 1; seed <= 8; seed++) {
            var cluster = cluster(compressor, "synchronous", seed);
            cluster.join(1, false);
            cluster.join(2, false);
            cluster.runToStep(seed);
            cluster.runFor(2L * seed);
            cluster.crash(100);
            assertBits(cluster, compressor, "synchronous");
        }
    }

    static Stream<Arguments> inModes() {
        return Stream.of("backup(2)", "stale(2)", "asynchronous(4)", "local(3,rate=0.1)")
                .flatMap(mode ->
                        compressors()
                                .filter(one -> mode.startsWith("local") || !keepsState(one))
                                .map(one -> Arguments.of(one, mode)));
    }

    @ParameterizedTest
    @MethodSource("inModes")
    void everyModeTrainsTheSameBits(String compressor, String mode) {
        for (var processes = 1; processes <= 3; processes++) {
            var cluster = cluster(compressor, mode, processes);
            for (var i = 0; i < processes; i++) {
                cluster.join(1 + i % 2, false);
            }
            assertBits(cluster, compressor, mode);
        }
    }

    @ParameterizedTest
    @MethodSource("inModes")
    void inEveryModeAWorkerThatDiesCostsNoBit(String compressor, String mode) {
        for (var seed = 1; seed <= 3; seed++) {
            var cluster = cluster(compressor, mode, seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            cluster.runToStep(2L * seed);
            victim.kill(false);
            assertBits(cluster, compressor, mode);
        }
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void compressingChangesTheWeights(String compressor) {
        assertThat(alone(compressor, "synchronous"))
                .isNotEqualTo(alone(Compressors.NONE, "synchronous"));
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void codesPassThroughRelays(String compressor) {
        if (keepsState(compressor)) {
            var cluster = cluster(compressor, "synchronous", 1);
            cluster.join(1, false);
            cluster.join(cluster.relay(cluster.members()).members, 2);
            assertThatThrownBy(() -> cluster.runFor(2_000))
                    .hasMessageContaining("was refused for good");
            assertThat(cluster.history(Decision.Refuse.class))
                    .anySatisfy(refused ->
                            assertThat(refused.rejection().detail())
                                    .contains("a relay cannot keep what the compressor"));
            return;
        }
        for (var seed = 1; seed <= 3; seed++) {
            var cluster = cluster(compressor, "synchronous", seed);
            var relay = cluster.relay(cluster.members());
            cluster.join(relay.members, 2);
            var victim = cluster.join(relay.members, 1);
            cluster.join(1, false);
            cluster.runToStep(2L * seed);
            victim.kill(false);
            assertBits(cluster, compressor, "synchronous");
        }
    }

    @Test
    void aLossTakesTheRunBack() {
        var cluster = cluster("error-feedback(top-k(0.1))", "synchronous", 1);
        cluster.join(1, false);
        var victim = cluster.join(1, false);
        cluster.runToStep(3);
        victim.kill(false);
        assertBits(cluster, "error-feedback(top-k(0.1))", "synchronous");
        assertThat(cluster.rewinds()).isPositive();
    }

    private static boolean keepsState(String compressor) {
        return Compressors.CATALOGUE.parse(compressor).states() > 0;
    }

    private static Scenario scenario(String compressor, String mode) {
        return Scenario.standard()
                // Its tensors are large enough to be compressed.
                .withModel("dense(24),relu,dense(3)")
                .withMode(mode, mode.equals("synchronous") ? "none" : CLOCK)
                .withCompressor(compressor);
    }

    private static SimulatedCluster cluster(String compressor, String mode, long seed) {
        return new SimulatedCluster(scenario(compressor, mode), seed);
    }

    private static void assertBits(SimulatedCluster cluster, String compressor, String mode) {
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.weights()).isEqualTo(alone(compressor, mode));
    }

    private static float[] alone(String compressor, String mode) {
        return ALONE.computeIfAbsent(
                compressor + mode, _ -> SimulatedCluster.undisturbed(scenario(compressor, mode)));
    }
}
