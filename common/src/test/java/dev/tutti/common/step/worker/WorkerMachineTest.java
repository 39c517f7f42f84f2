package dev.tutti.common.step.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.vector.Elements;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a worker process answers, message by message. */
class WorkerMachineTest {
    private static final int CHUNKS = 8;
    private static final WorkerId WORKER = new WorkerId(0);
    private static final Lease LEASE = lease(0, 2);
    private static final Lease NEXT = lease(2, 4);

    /** A gradient in memory that the coordinator can read. */
    private final Payload shared = Payload.of(floats());

    private final CountingArena arena = new CountingArena();
    private final WorkerMachine machine =
            new WorkerMachine(
                    arena,
                    new ToWorker.Welcome(
                            new ProcessId(0),
                            List.of(WORKER),
                            Scenario.spec(16, 4),
                            MemberLimits.STANDARD),
                    10 * CHUNKS,
                    shared::equals);

    /** Others may have brought most of a result before it is computed: simulation seeds 5, 6. */
    @Test
    void creditThatComesBeforeTheResultIsKept() {
        begin(LEASE);
        machine.on(new WorkerEvent.Received(new ToWorker.Credit(LEASE, CHUNKS)));
        assertThat(machine.on(computed(LEASE))).hasSize(CHUNKS);
    }

    @Test
    void withoutCreditAResultGoesOutAsFarAsTheFirstGoes() {
        begin(LEASE);
        assertThat(machine.on(computed(LEASE))).hasSize(4);
    }

    @Test
    void whatSharedMemoryHasNoRoomForGoesInChunksBesideWhatItHolds() {
        begin(LEASE, NEXT);
        assertThat(machine.on(new WorkerEvent.Computed(LEASE, Totals.NONE, 7, shared)))
                .startsWith(
                        new WorkerDecision.Send(
                                new ToCoordinator.Contribution(LEASE, Totals.NONE, 7, 0, shared)))
                .hasSize(2);
        assertThat(machine.on(computed(NEXT))).hasSize(4);
    }

    /** Backpropagation knows the last layer's gradient first: it goes out while it goes on. */
    @Test
    void whatIsKnownGoesOutWhileTheRestIsComputed() {
        begin(LEASE);
        var gradient = Payload.of(floats());
        // Chunks of 10 floats: from 25 on the last five are known, of which credit lets four go.
        var sent = contributions(machine.on(progressed(LEASE, gradient, 65)));
        assertThat(sent).extracting(ToCoordinator.Contribution::offset).containsExactly(70L);
        assertThat(sent).allMatch(ToCoordinator.Contribution::isEarly);
        sent = contributions(machine.on(progressed(LEASE, gradient, 25)));
        assertThat(sent)
                .extracting(ToCoordinator.Contribution::offset)
                .containsExactly(60L, 50L, 40L);
        machine.on(new WorkerEvent.Received(new ToWorker.Credit(LEASE, 5)));
        sent = contributions(machine.on(new WorkerEvent.Computed(LEASE, Totals.NONE, 7, gradient)));
        assertThat(sent).isEmpty();
        sent =
                contributions(
                        machine.on(new WorkerEvent.Received(new ToWorker.Credit(LEASE, CHUNKS))));
        assertThat(sent)
                .extracting(ToCoordinator.Contribution::offset)
                .containsExactly(20L, 10L, 0L);
        assertThat(sent).noneMatch(ToCoordinator.Contribution::isEarly);
    }

    /** Both copies were made, and zeroed, where memory is shared and no chunk ever comes. */
    @Test
    void weightsThatAreHandedOverTakeNoMemory() {
        begin(LEASE);
        assertThat(arena.allocations).isZero();
    }

    @Test
    void weightsThatComeInChunksTakeTwoCopiesHoweverManyVersionsCome() {
        for (var version = 0; version < 5; version++) {
            for (var chunk = 0; chunk < CHUNKS; chunk++) {
                var values = Payload.of(MemorySegment.ofArray(new float[10]));
                machine.on(
                        new WorkerEvent.Received(
                                new ToWorker.Weights(version, 10L * chunk, values)));
            }
        }
        assertThat(arena.allocations).isEqualTo(2);
    }

    /** A vector that goes back to its pool is lent again: it must not while it is written to. */
    @Test
    void theMemoryOfARevokedLeaseIsKeptUntilItIsComputed() {
        begin(LEASE);
        var released = new AtomicInteger();
        var gradient = counting(released);
        var sent = contributions(machine.on(progressed(LEASE, gradient, 65)));
        assertThat(revoke(LEASE)).isEmpty();
        assertThat(machine.on(progressed(LEASE, gradient, 25))).isEmpty();
        assertThat(released).hasValue(0);
        assertThat(machine.on(new WorkerEvent.Computed(LEASE, Totals.NONE, 7, gradient)))
                .containsExactly(returned(LEASE));
        assertThat(released).hasValue(0);
        sent.forEach(contribution -> contribution.values().release());
        assertThat(released).hasValue(1);
    }

    @Test
    void aComputationThatFailsHalfWayGivesItsMemoryBack() {
        begin(LEASE);
        var released = new AtomicInteger();
        var sent = contributions(machine.on(progressed(LEASE, counting(released), 65)));
        assertThat(machine.on(new WorkerEvent.ComputationFailed(LEASE, "no luck")))
                .containsExactly(
                        new WorkerDecision.Send(new ToCoordinator.Failed(LEASE, false, "no luck")));
        sent.forEach(contribution -> contribution.values().release());
        assertThat(released).hasValue(1);
    }

    @Test
    void aLeaseOfWhoseBatchTooLittleIsKnownEndsTheMembership() {
        for (var work :
                List.of(new Work.Measure(0, 1), new Work.Train(0), new Work.Measure(0, 2))) {
            var worker = measuring();
            if (work.equals(new Work.Measure(0, 2))) {
                for (var round = 0; round < 2; round++) {
                    assertThat(worker.on(told(round, 15))).isEmpty();
                }
            }
            var lease = new Lease(work, new ShardRange(0, 2), 0, WORKER);
            assertThat(worker.on(new WorkerEvent.Received(new ToWorker.Grant(List.of(lease)))))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            WorkerDecision.Leave.class,
                            leave -> assertThat(leave.reason()).contains(work + ", but the"));
        }
    }

    @Test
    void statisticsThatAreNotOfTheNextRoundEndTheMembership() {
        assertThat(measuring().on(told(1, 15)))
                .singleElement()
                .asString()
                .contains("statistics of step 0, round 1, expected round 0 of 2");
        assertThat(measuring().on(told(0, 14)))
                .singleElement()
                .asString()
                .contains("14 statistics, expected 15 at step 0, round 0");
        assertThat(machine.on(told(0, 15)))
                .singleElement()
                .asString()
                .contains("statistics of step 0, round 0, expected round 0 of 0");
    }

    private static WorkerEvent told(int round, int count) {
        return new WorkerEvent.Received(
                new ToWorker.Statistics(
                        new Work.Measure(0, round), BatchStatistics.of(new double[count])));
    }

    private WorkerMachine measuring() {
        var spec = Scenario.standard().withModel("dense(7),batch-norm(over=batch),dense(3)").spec();
        return new WorkerMachine(
                arena,
                new ToWorker.Welcome(
                        new ProcessId(0), List.of(WORKER), spec, MemberLimits.STANDARD),
                spec.buildModel().vectorLength(),
                _ -> false);
    }

    @Test
    void aRevokedLeaseIsReturnedOnceWhereverItIs() {
        begin(LEASE, NEXT);
        assertThat(revoke(NEXT)).containsExactly(returned(NEXT));
        assertThat(revoke(LEASE)).isEmpty();
        assertThat(machine.on(computed(LEASE))).containsExactly(returned(LEASE));
        assertThat(revoke(LEASE)).isEmpty();
    }

    @Test
    void aResultThatWaitsForCreditIsReturnedWhenItIsRevoked() {
        begin(LEASE);
        machine.on(computed(LEASE));
        assertThat(revoke(LEASE)).containsExactly(returned(LEASE));
    }

    @Test
    void whoLeavesFinishesWhatIsBegunAndReturnsTheRest() {
        begin(LEASE, NEXT);
        assertThat(machine.on(new WorkerEvent.LeaveWanted("told to end")))
                .containsExactly(
                        new WorkerDecision.Send(new ToCoordinator.Leaving("told to end")),
                        returned(NEXT));
        assertThat(machine.on(new WorkerEvent.Received(new ToWorker.Grant(List.of(NEXT)))))
                .containsExactly(returned(NEXT));
        assertThat(machine.on(computed(LEASE))).hasSize(4);
    }

    private void begin(Lease... leases) {
        machine.on(new WorkerEvent.Received(new ToWorker.Weights(0, 0, Payload.of(floats()))));
        machine.on(new WorkerEvent.Received(new ToWorker.Grant(List.of(leases))));
    }

    private List<WorkerDecision> revoke(Lease lease) {
        return machine.on(new WorkerEvent.Received(new ToWorker.Revoke(List.of(lease))));
    }

    private static List<ToCoordinator.Contribution> contributions(List<WorkerDecision> decisions) {
        return decisions.stream()
                .map(decision ->
                        (ToCoordinator.Contribution) ((WorkerDecision.Send) decision).message())
                .toList();
    }

    private static WorkerEvent progressed(Lease lease, Payload gradient, long from) {
        return new WorkerEvent.Progressed(lease, Totals.NONE, gradient, from);
    }

    private static Payload counting(AtomicInteger released) {
        return Payload.of(Elements.of(floats()), released::incrementAndGet);
    }

    private static WorkerEvent computed(Lease lease) {
        return new WorkerEvent.Computed(lease, Totals.NONE, 1, Payload.of(floats()));
    }

    private static WorkerDecision returned(Lease lease) {
        return new WorkerDecision.Send(new ToCoordinator.Returned(lease));
    }

    private static Lease lease(int from, int to) {
        return new Lease(new Work.Train(0), new ShardRange(from, to), 0, WORKER);
    }

    /** Counts what is allocated. */
    private static final class CountingArena implements Arena {
        private final Arena real = Arena.ofAuto();
        private int allocations;

        @Override
        public MemorySegment allocate(long bytes, long alignment) {
            allocations++;
            return real.allocate(bytes, alignment);
        }

        @Override
        public MemorySegment.Scope scope() {
            return real.scope();
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private static MemorySegment floats() {
        return MemorySegment.ofArray(new float[10 * CHUNKS]);
    }
}
