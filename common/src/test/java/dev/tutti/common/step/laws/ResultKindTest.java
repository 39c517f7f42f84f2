package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.rounding.Bf16;
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
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lease is answered in the way that it asks for, or computed again (law 8). */
class ResultKindTest {
    private static final Scenario TRAINING = Scenario.standard();
    private static final Scenario MEASURING =
            TRAINING.withModel("dense(7),batch-norm(over=batch),dense(3)");
    private static final ProcessId PROCESS = new ProcessId(0);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGradientForALeaseThatAsksForTotalsIsRefused(boolean whole) {
        var machine = MEASURING.machine(Arena.ofAuto(), 0);
        var lease = firstLease(machine);
        var released = new AtomicInteger();
        var floats =
                whole
                        ? machine.published().chunks().length()
                        : machine.published().chunks().size(0);
        var values = Floats.allocate(Arena.ofAuto(), floats);
        var payload = Payload.of(Elements.of(values), released::incrementAndGet);

        var decisions =
                machine.on(
                        said(
                                new ToCoordinator.Contribution(
                                        lease, totals(MEASURING, lease), 1, 0, payload)),
                        1);

        assertRefused(decisions, lease, "sent a gradient, expected totals");
        assertThat(released).hasValue(1);
    }

    @Test
    void numbersOfARoundingThatIsNotTheRunsAreRefused() {
        var machine = TRAINING.machine(Arena.ofAuto(), 0);
        var lease = firstLease(machine);
        var released = new AtomicInteger();
        var values =
                Elements.of(Floats.allocate(Arena.ofAuto(), machine.published().chunks().size(0)));
        var payload = Payload.of(values, new Bf16(), released::incrementAndGet);

        var decisions =
                machine.on(
                        said(
                                new ToCoordinator.Contribution(
                                        lease, totals(TRAINING, lease), 1, 0, payload)),
                        1);

        assertRefused(decisions, lease, "sent numbers as bf16, expected fp32");
        assertThat(released).hasValue(1);
    }

    /** Taken, it would have ended the step without a gradient. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void totalsForALeaseThatAsksForAGradientAreRefused(boolean statistics) {
        var machine = TRAINING.machine(Arena.ofAuto(), 0);
        var lease = firstLease(machine);
        var brought = statistics ? BatchStatistics.of(1, 2, 3) : BatchStatistics.NONE;

        var decisions =
                machine.on(
                        said(
                                new ToCoordinator.Evaluated(
                                        lease, totals(TRAINING, lease), brought, 1)),
                        1);

        assertRefused(decisions, lease, "sent totals, expected a gradient");
        assertThat(machine.version()).isZero();
    }

    private static void assertRefused(List<Decision> decisions, Lease lease, String why) {
        assertThat(decisions)
                .filteredOn(Decision.Rejected.class::isInstance)
                .singleElement()
                .asString()
                .contains(lease + " " + why);
        assertThat(granted(decisions))
                .hasValueSatisfying(again -> {
                    assertThat(again.work()).isEqualTo(lease.work());
                    assertThat(again.attempt()).isEqualTo(1);
                });
    }

    private static Totals totals(Scenario scenario, Lease lease) {
        var plan = new SamplePlan(scenario.spec(), Scenario.DATA);
        var slice = plan.slice(lease.work(), lease.shards());
        return new Totals(slice.count(), 1, 0, slice.hash());
    }

    private static Lease firstLease(CoordinatorMachine machine) {
        var info = new ProcessInfo(1, "host", 1, "plain", "same");
        var join = new ToCoordinator.Join(Protocol.VERSION, info);
        machine.on(new MembersEvent.Joined(PROCESS, join), 0);
        return granted(machine.on(said(new ToCoordinator.Ready(1, 0)), 0)).orElseThrow();
    }

    private static Optional<Lease> granted(List<Decision> decisions) {
        return decisions.stream()
                .filter(Decision.Send.class::isInstance)
                .map(decision -> ((Decision.Send) decision).message())
                .filter(ToWorker.Grant.class::isInstance)
                .map(message -> ((ToWorker.Grant) message).leases().getFirst())
                .findFirst();
    }

    private static MembersEvent said(ToCoordinator message) {
        return new MembersEvent.Received(PROCESS, message);
    }
}
