package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.compress.Compressors;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedCluster;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws, where codes of the weights' changes go down in place of the weights. */
class ChangesClusterTest {
    private static final Map<String, float[]> ALONE = new HashMap<>();

    static Stream<String> compressors() {
        return Stream.of(
                "error-feedback(int8(8))",
                "error-feedback(one-bit)",
                "error-feedback(top-k(0.1))",
                "error-feedback(power-sgd(1))");
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void anyNumberOfProcessesTrainsTheSameBits(String compressor) {
        for (var processes = 1; processes <= 4; processes++) {
            var cluster = cluster(compressor, processes);
            for (var i = 0; i < processes; i++) {
                cluster.join(1 + i % 2, i == 0 && processes % 2 == 0);
            }
            assertBits(cluster, compressor);
        }
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void whoJoinsLateGetsTheWeightsWhole(String compressor) {
        for (var seed = 1; seed <= 8; seed++) {
            var cluster = cluster(compressor, seed);
            cluster.join(1, false);
            var victim = cluster.join(2, false);
            cluster.runToStep(seed);
            cluster.runFor(2L * seed);
            victim.kill(seed % 2 == 0);
            cluster.join(1, false);
            assertBits(cluster, compressor);
        }
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void aCoordinatorThatDiesGoesOnWithWhatWorkersHad(String compressor) {
        for (var seed = 1; seed <= 8; seed++) {
            var cluster = cluster(compressor, seed);
            cluster.join(1, false);
            cluster.join(2, false);
            cluster.runToStep(seed);
            cluster.runFor(2L * seed);
            cluster.crash(100);
            assertBits(cluster, compressor);
        }
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void relaysPassCodesOn(String compressor) {
        for (var seed = 1; seed <= 4; seed++) {
            var cluster = cluster(compressor, seed);
            var relay = cluster.relay(cluster.members());
            cluster.join(relay.members, 2);
            var victim = cluster.join(relay.members, 1);
            cluster.join(1, false);
            cluster.runToStep(2L * seed);
            victim.kill(false);
            assertBits(cluster, compressor);
        }
    }

    @Test
    void aRunThatGoesBackTakesWhatWorkersHadBackToo() {
        var both =
                scenario("error-feedback(top-k(0.1))").withCompressor("error-feedback(top-k(0.1))");
        var alone = SimulatedCluster.undisturbed(both);
        var rewinds = 0;
        for (var seed = 1; seed <= 6; seed++) {
            var cluster = new SimulatedCluster(both, seed);
            cluster.join(1, false);
            var victim = cluster.join(1, false);
            cluster.runToStep(2 + seed);
            victim.kill(false);
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights()).isEqualTo(alone);
            rewinds += cluster.rewinds();
        }
        assertThat(rewinds).isPositive();
    }

    @ParameterizedTest
    @MethodSource("compressors")
    void codesChangeTheWeights(String compressor) {
        assertThat(alone(compressor)).isNotEqualTo(alone(Compressors.NONE));
    }

    @Test
    void whatWouldBeLostForEverIsRefused() {
        for (var compressor : new String[] {"top-k(0.1)", "int8", "dgc", "ef21(top-k(0.1))"}) {
            assertThatThrownBy(() -> scenario(compressor))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("--compress-down " + compressor)
                    .hasMessageContaining("error-feedback(");
        }
    }

    private static Scenario scenario(String compressor) {
        return Scenario.standard()
                // Its tensors are large enough to be compressed.
                .withModel("dense(24),relu,dense(3)")
                .withCompressorDown(compressor);
    }

    private static SimulatedCluster cluster(String compressor, long seed) {
        return new SimulatedCluster(scenario(compressor), seed);
    }

    private static void assertBits(SimulatedCluster cluster, String compressor) {
        cluster.run();
        cluster.requireLaws();
        assertThat(cluster.changesSent()).isPositive();
        assertThat(cluster.weights()).isEqualTo(alone(compressor));
    }

    private static float[] alone(String compressor) {
        return ALONE.computeIfAbsent(
                compressor, name -> SimulatedCluster.undisturbed(scenario(name)));
    }
}
