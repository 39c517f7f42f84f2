package dev.tutti.common.step;

import java.util.List;

/** A worker process that has joined. Owned by {@link CoordinatorMachine}. */
final class Member {
    /** No weights have been sent yet. */
    static final long NO_WEIGHTS = -1;

    final ProcessId process;
    final ProcessInfo info;
    final List<WorkerId> workers;
    private final AdaptiveDeadline silence;
    private long lastBeatNanos;
    private boolean ready;
    private long weightsVersion = NO_WEIGHTS;

    Member(
            ProcessId process,
            ProcessInfo info,
            List<WorkerId> workers,
            AdaptiveDeadline silence,
            long now) {
        this.process = process;
        this.info = info;
        this.workers = workers;
        this.silence = silence;
        this.lastBeatNanos = now;
    }

    void beat(long now) {
        silence.observe(now - lastBeatNanos);
        lastBeatNanos = now;
    }

    boolean isSilent(long now) {
        return now - lastBeatNanos > silence.nanos();
    }

    String explainSilence(long now) {
        return "no heartbeat for %.2f s, allowed were %s"
                .formatted((now - lastBeatNanos) / 1e9, silence.explain());
    }

    void becomeReady() {
        ready = true;
    }

    boolean isReady() {
        return ready;
    }

    /** Notes the weights as sent; tells whether they were new to the process. */
    boolean needsWeights(long version) {
        var needs = weightsVersion != version;
        weightsVersion = version;
        return needs;
    }

    /** Returns the process with its workers by name, for messages. */
    String describe() {
        var numbers = workers.stream().map(worker -> String.valueOf(worker.number())).toList();
        return "worker%s %s (%s, pid %d)"
                .formatted(
                        workers.size() == 1 ? "" : "s",
                        String.join(", ", numbers),
                        info.host(),
                        info.pid());
    }
}
