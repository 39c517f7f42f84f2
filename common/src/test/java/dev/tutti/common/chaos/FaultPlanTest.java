package dev.tutti.common.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.chaos.FaultSource.RunSize;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.plugin.PlugInLaws;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What holds for every fault, and for every plan, written or drawn. */
class FaultPlanTest {
    private static final RunSize SIZE = new RunSize(3, 60);
    private static final int SEEDS = 200;

    private static final List<String> EXAMPLES =
            List.of(
                    "kill(worker=2,step=30)",
                    "pause(worker=1,step=50)",
                    "pause(worker=1,step=50,seconds=0.5)",
                    "pause(worker=1,step=50,seconds=forever)",
                    "slow(worker=0,step=10)",
                    "slow(worker=0,step=10,times=2.5,steps=3)",
                    "drop-link(worker=0,step=10)",
                    "duplicate(worker=0,step=10)",
                    "corrupt(worker=0,step=10)",
                    "nan(worker=0,step=10)",
                    "flip-bit(worker=0,step=10)",
                    "leave(worker=0,step=10)",
                    "join(step=10)",
                    "kill-coordinator(step=10)",
                    "random(seed=7)",
                    "random(seed=7,faults=20)");

    private static final List<String> REFUSED =
            List.of(
                    "kill(worker=1)",
                    "kill(step=x,worker=1)",
                    "pause(worker=1,step=5,seconds=0)",
                    "pause(worker=1,step=5,seconds=long)",
                    "slow(worker=1,step=5,times=0.5)",
                    "slow(worker=1,step=5,steps=0)",
                    "drop-link(step=5)",
                    "duplicate",
                    "corrupt(worker=1)",
                    "nan(worker=1)",
                    "flip-bit(worker=1)",
                    "leave(worker=1)",
                    "join",
                    "kill-coordinator",
                    "random",
                    "random(seed=1,faults=0)",
                    "random(seed=1,faults=100001)");

    @Test
    void everyFaultIsListedWithAnExample() {
        PlugInLaws.everyRecordIsListed(Fault.CATALOGUE, FaultSource.class);
        PlugInLaws.everyNameHasAnExample(Fault.CATALOGUE, EXAMPLES);
        PlugInLaws.textsRoundTrip(Fault.CATALOGUE, EXAMPLES);
        PlugInLaws.defaultsAreNotPrinted(Fault.CATALOGUE, EXAMPLES);
        PlugInLaws.textsAreRefused(Fault.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Fault.CATALOGUE, REFUSED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kil(worker=1,step=5)          | unknown fault \"kil\"; there are: kill, pause",
                "kill(worker=1,step=61)        | step must be from 2 to the run's last, 60",
                "kill(worker=1,step=1)         | step must be from 2",
                "kill(worker=3,step=5)         | worker must be from 0 to 2",
                "nan(worker=-1,step=5)         | worker must be from 0 to 2",
                "nan(worker=3,step=5),join(step=5)  | worker must be from 0 to 2",
                "join(step=5),nan(worker=4,step=6)  | worker must be from 0 to 3",
            })
    void whatCannotStrikeIsRefused(String text, String message) {
        assertThatThrownBy(() -> FaultPlan.of(text, SIZE))
                .isInstanceOf(PlugInException.class)
                .hasMessageContaining(message);
    }

    @Test
    void faultsStandInTheOrderOfTheirSteps() {
        var plan = FaultPlan.of("nan(worker=3,step=40),join(step=7),kill(worker=0,step=30)", SIZE);
        assertThat(plan).hasToString("join(step=7),kill(worker=0,step=30),nan(worker=3,step=40)");
    }

    /** A drawn plan is printed so that it can be given again; all that it strikes is there. */
    @Test
    void aDrawnPlanIsAPlanLikeAnyOther() {
        var texts = new HashSet<String>();
        for (var seed = 0; seed < SEEDS; seed++) {
            var size = new RunSize(1 + seed % 5, 2 + seed * 7L);
            var drawn = FaultPlan.of("random(seed=%d,faults=20)".formatted(seed), size);
            assertThat(drawn.faults()).as("seed %d", seed).hasSize(20);
            assertThat(FaultPlan.of(drawn.toString(), size)).as("seed %d", seed).isEqualTo(drawn);
            texts.add(drawn.toString());
        }
        assertThat(texts).hasSize(SEEDS);
    }

    @Test
    void aDrawnPlanLeavesSomebodyToCompute() {
        for (var seed = 0; seed < SEEDS; seed++) {
            var size = new RunSize(1 + seed % 5, 1000);
            var left = size.processes();
            for (var fault :
                    FaultPlan.of("random(seed=%d,faults=50)".formatted(seed), size).faults()) {
                left +=
                        switch (fault) {
                            case ProcessFault.Kill _, ProcessFault.Leave _ -> -1;
                            case ProcessFault.Join _ -> 1;
                            default -> 0;
                        };
                assertThat(left).as("seed %d, %s", seed, fault).isBetween(1, size.processes() + 1);
            }
        }
    }

    @Test
    void whatHasStruckDoesNotStrikeAgain() {
        var plan = FaultPlan.of("join(step=7),join(step=7),nan(worker=0,step=9)", SIZE);
        var struck =
                List.of(new StruckFault(7, "join(step=7)"), new StruckFault(3, "join(step=8)"));
        assertThat(plan.without(struck)).hasToString("join(step=7),nan(worker=0,step=9)");
    }

    @Test
    void everyFaultIsCarriedOutInOnePlace() {
        var text = String.join(",", EXAMPLES.subList(0, EXAMPLES.size() - 2));
        var plan = FaultPlan.of(text, SIZE);
        var within =
                IntStream.range(0, SIZE.processes())
                        .mapToObj(plan::within)
                        .flatMap(part -> part.faults().stream())
                        .toList();
        assertThat(plan.faults())
                .hasSize(within.size() + plan.ofProcesses().size())
                .containsAll(within)
                .containsAll(plan.ofProcesses());
        assertThat(plan.within(0).faults()).isNotEmpty().allMatch(f -> f.victim().orElse(1) == 0);
    }

    @Test
    void linesOfTheLogAreReadBackAndHalfOnesAreNot() {
        var struck = new StruckFault(41, "nan(worker=1,step=40)");
        assertThat(StruckFault.parse(struck.toString())).contains(struck);
        assertThat(StruckFault.parse("step 41: ")).isEmpty();
        assertThat(StruckFault.parse("step ")).isEmpty();
    }
}
