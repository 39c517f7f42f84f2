package dev.tutti.deploy.ground;

import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Floats;
import dev.tutti.coordinator.checkpoint.CheckpointPolicy;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.shared.SharedRun;

/**
 * What a run takes of the machine that its coordinator is on.
 *
 * @param coordinator memory of the coordinator's process outside the heap
 * @param workerProcess the same of each worker process on this machine
 * @param processes worker processes on this machine
 * @param sharedBytes of shared memory, in all
 * @param sharedIsNeeded whether it cannot do without
 * @param diskBytes of the run's folder when it is full
 * @param connections of the coordinator's process
 */
public record RunNeed(
        MemoryNeed coordinator,
        MemoryNeed workerProcess,
        int processes,
        long sharedBytes,
        boolean sharedIsNeeded,
        long diskBytes,
        int connections) {
    /**
     * What a JVM takes for itself, its code and its libraries: measured, and little beside tensors.
     */
    static final long PROCESS_BYTES = 160_000_000;

    /** Buffers of connections and of what is sent, outside the heap. */
    static final long BUFFER_BYTES = 16_000_000;

    private static final int FILES_OF_WORKER = 4;

    /**
     * Who computes, as far as it concerns the coordinator's machine.
     *
     * @param workers of the run
     * @param processes worker processes on this machine
     * @param inside whether the workers are in the coordinator's own process
     * @param carrier how tensors travel between processes
     */
    public record Crew(int workers, int processes, boolean inside, Carrier carrier) {
        /** Returns workers that are in the coordinator's process, or spread over processes. */
        public static Crew here(int workers, int processes, Carrier carrier) {
            return new Crew(workers, processes, processes == 0, carrier);
        }

        /** Returns workers that come from anywhere. */
        public static Crew elsewhere(int workers, Carrier carrier) {
            return new Crew(workers, 0, false, carrier);
        }

        private boolean shares() {
            return !inside && carrier != Carrier.INLINE && SharedRun.isAvailable();
        }
    }

    /** Returns what a run needs, before anything of it is allocated but its data. */
    public static RunNeed of(
            Model model,
            RunSpec spec,
            UpdateRule rule,
            EarlyStopping stopping,
            CheckpointPolicy checkpoints,
            Observing observing,
            Auditing auditing,
            Crew crew) {
        var shares = crew.shares();
        var course =
                MemoryNeed.ofCourse(
                                spec,
                                model,
                                rule,
                                stopping,
                                crew.workers(),
                                checkpoints.isActive(),
                                shares)
                        .plus("buffers", BUFFER_BYTES)
                        .plus(looks(model, spec, observing))
                        .plus("audited gradients", audits(model, spec, auditing));
        var vector = MemoryNeed.times(model.vectorLength(), Floats.BYTES);
        var perProcess = crew.processes() == 0 ? 0 : (crew.workers() - 1) / crew.processes() + 1;
        var inside =
                crew.inside()
                        ? MemoryNeed.ofWorkers(
                                spec, model, crew.workers(), crew.workers(), false, false)
                        : MemoryNeed.NONE;
        var apart =
                crew.processes() == 0
                        ? MemoryNeed.NONE
                        : MemoryNeed.ofWorkers(
                                        spec, model, perProcess, crew.workers(), shares, !shares)
                                .plus("buffers", BUFFER_BYTES);
        var files =
                MemoryNeed.times(
                        2L
                                + rule.optimizer().slotCount()
                                + spec.syncMode().slotCount()
                                + (spec.changeCompressor().isNeutral() ? 0 : 1)
                                + MemoryNeed.versions(spec, crew.workers()),
                        vector);
        return new RunNeed(
                course.plus(inside),
                apart,
                crew.processes(),
                shares ? shared(model, spec, observing, crew, perProcess) : 0,
                !crew.inside() && crew.carrier() == Carrier.SHARED,
                MemoryNeed.plus(
                        vector,
                        checkpoints.isActive()
                                ? MemoryNeed.times(checkpoints.kept() + 1L, files)
                                : 0),
                crew.inside() ? 0 : crew.workers() * FILES_OF_WORKER);
    }

    /** Returns what it takes to look at steps: their shards come one by one. */
    private static MemoryNeed looks(Model model, RunSpec spec, Observing observing) {
        var vector = MemoryNeed.times(model.vectorLength(), Floats.BYTES);
        var apart = observing.isAny() && spec.averaging().isLinear() ? spec.shards() : 0;
        var loss = Losses.CATALOGUE.parse(spec.loss());
        return MemoryNeed.NONE
                .plus("gradients that are looked at", MemoryNeed.times(apart, vector))
                .plus(
                        "proofs",
                        observing.proveEvery() == 0
                                ? 0
                                : MemoryNeed.plus(
                                        MemoryNeed.times(2, vector),
                                        Workspace.bytes(model, loss, spec.batch())));
    }

    /** Returns what waits to be compared: two gradients of each shard, if all were drawn. */
    private static long audits(Model model, RunSpec spec, Auditing auditing) {
        return auditing.isOn()
                ? MemoryNeed.times(
                        2L * spec.shards(), MemoryNeed.times(model.vectorLength(), Floats.BYTES))
                : 0;
    }

    private static long shared(
            Model model, RunSpec spec, Observing observing, Crew crew, int perProcess) {
        var floats = model.vectorLength();
        if (floats > Long.MAX_VALUE / Floats.BYTES / 4) {
            return Long.MAX_VALUE;
        }
        var share = (spec.shards() - 1) / Math.max(1, crew.workers()) + 1;
        var each = spec.addsShards() && !observing.isAny() ? 1 : share;
        var gradients = (int) Math.min((long) perProcess * each, spec.shards());
        return MemoryNeed.plus(
                SharedRun.weightsBytes(
                        MemoryNeed.versions(spec, crew.workers()), floats, spec.wire().precision()),
                crew.processes() == 0
                        ? 0
                        : MemoryNeed.times(
                                crew.processes(), SharedRun.laneBytes(gradients, floats)));
    }

    /** Returns the memory of all processes on this machine, shared memory included. */
    public long bytes() {
        return MemoryNeed.plus(
                MemoryNeed.plus(
                        coordinator.bytes(), MemoryNeed.times(processes, workerProcess.bytes())),
                MemoryNeed.plus(sharedBytes, MemoryNeed.times(processes, PROCESS_BYTES)));
    }
}
