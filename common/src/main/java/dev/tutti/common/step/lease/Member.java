package dev.tutti.common.step.lease;

import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.WorkerId;
import java.util.List;

/** A worker process that has joined. Owned by {@code CoordinatorMachine}. */
public final class Member {
    /** No weights have been sent yet. */
    static final long NO_WEIGHTS = -1;

    public final ProcessId process;
    final ProcessInfo info;

    /** What tells the process from others. */
    public final String identity;

    /** What tells its host from others, and from a process. */
    public final String host;

    public final List<WorkerId> workers;
    private final AdaptiveDeadline silence;
    private long lastBeatNanos;
    private long lastHeardNanos;
    private int capacity;
    private int levels;
    private boolean leaving;
    private boolean proven;
    private boolean silenceTold;
    private long weightsVersion = NO_WEIGHTS;
    private long roundsStep = NO_WEIGHTS;
    private int roundsTold;

    Member(
            ProcessId process,
            ProcessInfo info,
            List<WorkerId> workers,
            AdaptiveDeadline silence,
            long now) {
        this.process = process;
        this.info = info;
        this.identity = identity(info);
        this.host = host(info);
        this.workers = workers;
        this.silence = silence;
        this.lastBeatNanos = now;
        this.lastHeardNanos = now;
    }

    static String identity(ProcessInfo info) {
        return "%s pid %d".formatted(info.host(), info.pid());
    }

    static String host(ProcessInfo info) {
        return "host " + info.host();
    }

    public void beat(long now) {
        silence.observe(now - lastBeatNanos, 1);
        lastBeatNanos = now;
        heard(now);
    }

    /**
     * Notes a message: who sends one is alive, though its heartbeats may be under way still. How
     * long its silence may last is learnt from heartbeats alone, which come at even intervals.
     */
    public void heard(long now) {
        lastHeardNanos = now;
        silenceTold = false;
    }

    /** Tells whether it has been silent for longer than is usual for it. */
    public boolean isSilent(long now) {
        return now - lastHeardNanos > silence.nanos(1);
    }

    /** Tells, once for each silence, whether it is long enough to be spoken of. */
    public boolean startsToWorry(long nanos, long now) {
        var first = !silenceTold && now - lastHeardNanos > nanos;
        silenceTold |= first;
        return first;
    }

    public String explainSilence(long now) {
        return "no heartbeat or message for %.2f s, allowed are %s"
                .formatted((now - lastHeardNanos) / 1e9, silence.explain(1));
    }

    /** Notes how many workers compute for the process, and through how many relays. */
    public void becomeReady(ToCoordinator.Ready ready) {
        capacity = ready.workers();
        levels = ready.levels();
    }

    /** Tells whether it may be given leases. */
    public boolean isReady() {
        return capacity > 0 && !leaving;
    }

    /** Returns how many workers compute for the process: as many as it hosts, or a relay's. */
    int capacity() {
        return capacity;
    }

    /** Returns how many relays lie between the process and its farthest worker. */
    int levels() {
        return levels;
    }

    /** It wants no more leases. */
    public void beginToLeave() {
        leaving = true;
    }

    public boolean isLeaving() {
        return leaving;
    }

    /** It has brought a good result. */
    void prove() {
        proven = true;
    }

    boolean isProven() {
        return proven;
    }

    /** Notes the weights as sent; tells whether they were new to the process. */
    public boolean needsWeights(long version) {
        var needs = weightsVersion != version;
        weightsVersion = version;
        return needs;
    }

    /** Notes so many rounds of a step as told, never fewer; returns how many had been before. */
    int roundsTold(long step, int rounds) {
        var before = roundsStep == step ? roundsTold : 0;
        roundsStep = step;
        roundsTold = rounds;
        return before;
    }

    /** Returns the process with its workers by name, for messages. */
    public String describe() {
        var numbers = workers.stream().map(worker -> String.valueOf(worker.number())).toList();
        return "worker%s %s (%s, pid %d)"
                .formatted(
                        workers.size() == 1 ? "" : "s",
                        String.join(", ", numbers),
                        info.host(),
                        info.pid());
    }
}
