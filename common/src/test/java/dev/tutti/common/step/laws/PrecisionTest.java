package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedClock;
import dev.tutti.common.step.simulation.SimulatedCluster;
import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrecisionTest {
    @ParameterizedTest
    @ValueSource(strings = {Scenario.OPTIMIZER, Scenario.WITHOUT_MOMENTUM})
    void workersGetRoundedWeightsOfWeightsThatAreNot(String optimizer) {
        var scenario = Scenario.standard().with(optimizer).with(Roundings.CATALOGUE.parse("bf16"));
        var cluster = new SimulatedCluster(scenario, 1);
        assertIsRoundedCopy(cluster);
        cluster.join(1, true);
        cluster.join(2, false);
        for (var step = 1; step < scenario.steps(); step++) {
            cluster.runToStep(step);
            assertIsRoundedCopy(cluster);
        }
        cluster.crash(SimulatedClock.SECOND);
        cluster.runToStep(scenario.steps());
        assertIsRoundedCopy(cluster);
    }

    @ParameterizedTest
    @ValueSource(strings = {Scenario.OPTIMIZER, Scenario.WITHOUT_MOMENTUM})
    void roundingChangesTheBitsAndTheNumberOfWorkersDoesNot(String optimizer) {
        var exact = Scenario.standard().with(optimizer);
        var rounded = exact.with(Roundings.CATALOGUE.parse("bf16"));
        var alone = weights(rounded, 1);
        assertThat(alone).isNotEqualTo(weights(exact, 1));
        assertThat(weights(rounded, 3)).isEqualTo(alone);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16"})
    void weightsWithoutRoundingAreSentFromWhereTheyAre(String text) {
        var wire = Roundings.CATALOGUE.parse(text);
        var machine = Scenario.standard().with(wire).machine(Arena.ofAuto(), 0);
        var inPlace =
                machine.published().elements().memory().equals(machine.saved().state().weights());
        assertThat(inPlace).isEqualTo(wire.equals(Roundings.NONE));
    }

    private static void assertIsRoundedCopy(SimulatedCluster cluster) {
        var weights = cluster.weights();
        var sent = cluster.published(cluster.version()).elements();
        assertThat(sent.precision()).isEqualTo(Precision.BF16);
        assertThat(sent.count()).isEqualTo(weights.length);
        for (var i = 0; i < weights.length; i++) {
            assertThat(sent.memory().getAtIndex(ValueLayout.JAVA_SHORT, i))
                    .isEqualTo(Bf16.encode(weights[i]));
        }
    }

    private static float[] weights(Scenario scenario, int processes) {
        var cluster = new SimulatedCluster(scenario, 1);
        for (var i = 0; i < processes; i++) {
            cluster.join(1, i == 0);
        }
        cluster.run();
        return cluster.weights();
    }
}
