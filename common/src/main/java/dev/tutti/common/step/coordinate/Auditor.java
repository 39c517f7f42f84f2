package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.step.coordinate.AuditedShard.Piece;
import dev.tutti.common.step.coordinate.AuditedShard.Sender;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Member;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.Decision.Audited.Kind;
import dev.tutti.common.step.message.Outbox;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The audits of an open work. Each audited shard is given to two processes; if their bits differ,
 * to a third; if there is no third, to both again. Nothing of it is used before its bits are known,
 * so no wrong gradient that an audit finds comes into the weights.
 */
final class Auditor {
    private static final Asked WAITING = new Asked(List.of(), Optional.empty());

    private final Chunks chunks;
    private final Leasing leasing;
    private final Membership membership;
    private final LongFunction<String> names;
    private final Outbox out;
    private final Map<ShardRange, AuditedShard> shards = new TreeMap<>();
    private final Set<ShardRange> told = new HashSet<>();
    private final Set<ShardRange> ended = new HashSet<>();
    private final Set<String> blamed = new HashSet<>();
    private List<OpenWork.Expulsion> liars = new ArrayList<>();
    private Work work = new Work.Train(-1);

    Auditor(
            Chunks chunks,
            Leasing leasing,
            Membership membership,
            LongFunction<String> names,
            Outbox out) {
        this.chunks = chunks;
        this.leasing = leasing;
        this.membership = membership;
        this.names = names;
        this.out = out;
    }

    /** Forgets what was before, to audit within a node of a work. */
    void begin(Work next, ShardRange node) {
        drop();
        work = next;
        for (var shard : leasing.audited(next)) {
            if (node.contains(shard)) {
                shards.put(shard, new AuditedShard(chunks, names));
            }
        }
    }

    /** Lets go of all that has come. */
    void drop() {
        shards.values().forEach(AuditedShard::drop);
        shards.clear();
        told.clear();
        ended.clear();
        blamed.clear();
    }

    /** Tells whether a lease is on an audited shard. */
    boolean covers(Lease lease) {
        return shards.containsKey(lease.shards());
    }

    /** Tells whether several processes have sent the same of a shard. */
    boolean hasAgreed(ShardRange shard) {
        var found = shards.get(shard);
        return found != null && !found.isAlone();
    }

    /** Forgets what has come of a shard: it is computed again. */
    void withdraw(ShardRange shard) {
        var found = shards.get(shard);
        if (found != null) {
            found.drop();
            shards.put(shard, new AuditedShard(chunks, names));
            ended.remove(shard);
        }
    }

    private static Sender sender(Member member) {
        return new Sender(member.identity, member.describe(), member.host);
    }

    private AuditedShard at(ShardRange shard) {
        return Optional.ofNullable(shards.get(shard)).orElseThrow();
    }

    /** Takes a chunk of a lease that it covers; returns one like it if its bits are known now. */
    Optional<Piece> take(Member member, Lease lease, Results.Sent sent) {
        var shard = at(lease.shards());
        var taken = shard.take(new Piece(lease, sender(member), sent));
        tell(lease.shards(), shard);
        blame(lease.shards(), shard);
        return taken;
    }

    /** Notes that all of a lease has come. */
    void answered(Member member, Lease lease) {
        at(lease.shards()).answered(sender(member));
    }

    /** Ends the audits whose bits are all known. */
    void end(long now) {
        shards.forEach((range, shard) -> {
            if (shard.isKnown() && ended.add(range)) {
                leasing.endAudit(work, range, now);
                if (!shard.isAlone()) {
                    shard.right()
                            .forEach(sender -> membership.trail(sender.process()).clean(step()));
                    report(Kind.AUDITED, "%s: audited".formatted(place(range)));
                }
            }
        });
    }

    /** Returns the processes that have sent wrong bits since the last call. */
    List<OpenWork.Expulsion> takeLiars() {
        var taken = liars;
        liars = new ArrayList<>();
        return taken;
    }

    // ---- who is to compute

    /**
     * What asking for computations led to.
     *
     * @param agreed chunks whose bits are known without another computation
     * @param hopeless why no computation can tell
     */
    record Asked(List<Piece> agreed, Optional<String> hopeless) {}

    /**
     * Sees that each audited shard is computed by as many processes as it takes.
     *
     * @param shunned workers that are avoided if there are others
     */
    Asked ask(Set<WorkerId> shunned, long now) {
        var agreed = new ArrayList<Piece>();
        for (var entry : shards.entrySet()) {
            var range = entry.getKey();
            var shard = entry.getValue();
            if (shard.isKnown()) {
                continue;
            }
            var asked =
                    shard.isDisputed()
                            ? askAgain(range, shard, shunned, now)
                            : askTwo(range, shard, shunned, now);
            if (asked.hopeless().isPresent()) {
                return asked;
            }
            agreed.addAll(asked.agreed());
        }
        return new Asked(agreed, Optional.empty());
    }

    /** Asks for as many computations as are missing of two; a lonely process is believed. */
    private Asked askTwo(ShardRange range, AuditedShard shard, Set<WorkerId> shunned, long now) {
        var computing = leasing.auditors(work, range);
        var asked = new TreeMap<String, String>();
        leasing.auditorsOnTime(work, range, now)
                .forEach(member -> asked.put(member.identity, member.host));
        shard.answered().forEach(sender -> asked.put(sender.process(), sender.host()));
        // Who is believed may be lost before all of its gradient has come.
        var needed = shard.isAlone() ? 1 : 2;
        while (asked.size() < needed) {
            var hosts = Set.copyOf(asked.values());
            var given =
                    leasing.grantAudit(
                            work,
                            range,
                            member ->
                                    !asked.containsKey(member.identity)
                                            && !computing.contains(member),
                            hosts,
                            shunned,
                            now);
            if (given.isEmpty()) {
                break;
            }
            asked.put(given.get().identity, given.get().host);
        }
        var ready = ready();
        if (shard.isAlone()
                || asked.size() != 1
                || ready.size() != 1
                || !asked.containsKey(ready.getFirst())) {
            return WAITING;
        }
        report(
                Kind.ALONE,
                "%s: not audited: there is only one process, and nobody to compare it with"
                        .formatted(place(range)));
        return new Asked(shard.acceptAlone(), Optional.empty());
    }

    /** Has a disputed shard computed by one more process, or by all once more. */
    private Asked askAgain(ShardRange range, AuditedShard shard, Set<WorkerId> shunned, long now) {
        if (!leasing.auditorsOnTime(work, range, now).isEmpty()) {
            return WAITING;
        }
        var late = leasing.auditors(work, range);
        var hosts = shard.answered().stream().map(Sender::host).collect(Collectors.toSet());
        for (var answers = 0; answers < AuditedShard.ANSWERS_MAX; answers++) {
            var so = answers;
            Predicate<Member> may =
                    member -> shard.answersOf(member.identity) == so && !late.contains(member);
            if (readyMembers().anyMatch(may)) {
                leasing.grantAudit(work, range, may, hosts, shunned, now)
                        .ifPresent(member ->
                                out.note(
                                        "%s is computed once more, by %s"
                                                .formatted(place(range), member.describe())));
                return WAITING;
            }
        }
        if (ready().isEmpty() || !late.isEmpty()) {
            return WAITING;
        }
        var judged = shard.judge();
        blame(range, shard);
        return judged.isEmpty()
                ? new Asked(List.of(), Optional.of(undecided(range, shard)))
                : new Asked(judged, Optional.empty());
    }

    private String undecided(ShardRange range, AuditedShard shard) {
        return "%s: %s; each has computed it again, and that does not tell who is right: let a third process join, which decides"
                .formatted(place(range), shard.difference().orElse("the bits differ"));
    }

    private Stream<Member> readyMembers() {
        return membership.all().stream().filter(Member::isReady);
    }

    private List<String> ready() {
        return readyMembers().map(member -> member.identity).distinct().toList();
    }

    // ---- what is said of it

    private void tell(ShardRange range, AuditedShard shard) {
        shard.difference()
                .filter(_ -> told.add(range))
                .ifPresent(difference ->
                        report(Kind.DIFFERENCE, "%s: %s".formatted(place(range), difference)));
    }

    /** A process whose bits were not those of two others, or not its own, is expelled. */
    private void blame(ShardRange range, AuditedShard shard) {
        for (var sender : shard.wrong()) {
            if (blamed.add(sender.process())) {
                liars.add(
                        new OpenWork.Expulsion(
                                sender.process(),
                                "%s sent wrong bits of %s, which %s computed otherwise"
                                        .formatted(
                                                sender.name(),
                                                place(range),
                                                names(shard.right()))));
            }
        }
    }

    private static String names(List<Sender> senders) {
        return senders.stream().map(Sender::name).collect(Collectors.joining(" and "));
    }

    private void report(Kind kind, String line) {
        out.add(new Decision.Audited(kind, step(), "audit of " + line));
    }

    /** Returns the step, counted from 1 as in the run's files. */
    private long step() {
        return work.step() + 1;
    }

    private String place(ShardRange range) {
        return "step %d, shard %d%s"
                .formatted(
                        step(),
                        range.from(),
                        work instanceof Work.Train(var step, var batch) && batch != step
                                ? " of batch " + batch
                                : "");
    }
}
