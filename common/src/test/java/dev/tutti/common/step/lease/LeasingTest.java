package dev.tutti.common.step.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.ShardTree;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.simulation.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Several works at once; synchronous training, the case of one, is what all other tests run. */
class LeasingTest {
    private static final Work FIRST = new Work.Train(0, 0);
    private static final Work SECOND = new Work.Train(0, 1);
    private static final int CHUNKS = 3;

    private final ShardTree tree = new ShardTree(Scenario.standard().spec().shards());
    private final List<Decision> decisions = new ArrayList<>();
    private final Membership membership = new Membership(Limits.standard(1).members());
    private final Leasing leasing = leasing();

    private Leasing leasing() {
        var spec = Scenario.standard().spec();
        return new Leasing(
                tree,
                new SamplePlan(spec, Scenario.DATA),
                Limits.standard(1).members(),
                membership,
                List.of(),
                new StateHolders(0, false, 0, 0),
                _ -> true,
                Auditing.NONE,
                decisions::add);
    }

    private Member join(int process) {
        var info = new ProcessInfo(1, "host", process, "plain", "same");
        var member = membership.join(new ProcessId(process), info, 0);
        member.becomeReady(new ToCoordinator.Ready(1, 0));
        return member;
    }

    private void open(Work work) {
        leasing.open(work, CHUNKS, 0);
        leasing.add(work, tree.root());
    }

    private List<Lease> granted() {
        return sent(message -> message instanceof ToWorker.Grant(var leases) ? leases : List.of());
    }

    private List<Lease> revoked() {
        return sent(message -> message instanceof ToWorker.Revoke(var leases) ? leases : List.of());
    }

    private List<Lease> sent(Function<ToWorker, List<Lease>> leases) {
        return decisions.stream()
                .flatMap(decision ->
                        decision instanceof Decision.Send(_, var message)
                                ? leases.apply(message).stream()
                                : Stream.empty())
                .toList();
    }

    private static List<Lease> of(Work work, List<Lease> leases) {
        return leases.stream().filter(lease -> lease.work().equals(work)).toList();
    }

    private static int shards(List<Lease> leases) {
        return leases.stream().mapToInt(lease -> lease.shards().size()).sum();
    }

    @Test
    void allShardsOfEachOpenWorkAreGivenOut() {
        join(0);
        join(1);
        open(FIRST);
        open(SECOND);
        leasing.grantOrphans(Set.of(), 0);

        assertThat(shards(of(FIRST, granted()))).isEqualTo(tree.shards());
        assertThat(shards(of(SECOND, granted()))).isEqualTo(tree.shards());
        assertThat(leasing.works()).containsExactly(FIRST, SECOND);
    }

    @Test
    void aWorkThatIsClosedLeavesTheOthersAsTheyAre() {
        join(0);
        open(FIRST);
        open(SECOND);
        leasing.grantOrphans(Set.of(), 0);
        leasing.close(FIRST, 1);

        assertThat(revoked()).containsExactlyInAnyOrderElementsOf(of(FIRST, granted()));
        assertThat(of(FIRST, granted())).noneMatch(leasing::isWanted);
        assertThat(of(SECOND, granted())).allMatch(leasing::isWanted);
        assertThat(leasing.works()).containsExactly(SECOND);
    }

    @Test
    void whatALostMemberHeldOfEachWorkIsGivenToOthers() {
        var lost = join(0);
        join(1);
        open(FIRST);
        open(SECOND);
        leasing.grantOrphans(Set.of(), 0);
        decisions.clear();
        var held = new ArrayList<Lease>();
        leasing.all(FIRST).forEach(lease -> held.add(lease.lease));
        leasing.all(SECOND).forEach(lease -> held.add(lease.lease));
        held.removeIf(lease -> !lost.workers.contains(lease.worker()));

        membership.remove(lost.process);
        leasing.takeBackFrom(lost, 1);
        leasing.grantOrphans(Set.of(), 1);

        assertThat(held).isNotEmpty();
        assertThat(shards(of(FIRST, granted()))).isEqualTo(shards(of(FIRST, held)));
        assertThat(shards(of(SECOND, granted()))).isEqualTo(shards(of(SECOND, held)));
    }

    /** Of several versions of the weights a worker has one at a time. */
    @Test
    void aWorkerIsGivenWorkOfAnotherVersionOnlyWhenItIsDone() {
        var later = new Work.Train(1, 5);
        join(0);
        open(FIRST);
        leasing.grantOrphans(Set.of(), 0);
        open(later);
        leasing.grantOrphans(Set.of(), 0);
        assertThat(of(later, granted())).isEmpty();

        join(1);
        leasing.grantOrphans(Set.of(), 0);
        assertThat(shards(of(later, granted()))).isEqualTo(tree.shards());
        assertThat(of(later, granted()))
                .noneMatch(lease ->
                        of(FIRST, granted()).stream()
                                .anyMatch(other -> other.worker().equals(lease.worker())));
    }
}
