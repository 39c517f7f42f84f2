package dev.tutti.proto;

import static dev.tutti.proto.WireValues.read;
import static dev.tutti.proto.WireValues.readMeasure;
import static dev.tutti.proto.WireValues.requireRange;
import static dev.tutti.proto.WireValues.write;

import dev.tutti.common.average.Payload;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.shared.Lane;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.Ready;
import dev.tutti.proto.v1.WorkerFrame;
import java.time.Duration;
import java.util.Optional;

/**
 * The one translator between the domain's messages and those of the wire. What it reads it checks:
 * an absent part, a number out of range or a wrong checksum is a {@link WireException}.
 *
 * @param copiesPayloads whether payloads travel as copies, each with its CRC32C: yes on a network,
 *     no within one host
 * @param lane the memory that payloads stay in, if both sides map it
 */
public record Wire(boolean copiesPayloads, Optional<Lane> lane) {
    /** Most workers of one process. */
    private static final int WORKERS_MAX = 4096;

    private static final int CREDIT_CHUNKS_MAX = 1 << 20;
    private static final int BEAT_MILLIS_MAX = 60_000;

    /** Most workers behind one relay. */
    private static final int RELAYED_WORKERS_MAX = 1 << 20;

    /** Most relays between a stream and a worker. */
    private static final int LEVELS_MAX = 16;

    /** Returns the wire of a network, where payloads travel as bytes. */
    public static Wire inline() {
        return new Wire(true, Optional.empty());
    }

    /** Returns the wire within one process, where payloads are handed over as they are. */
    public static Wire direct() {
        return new Wire(false, Optional.empty());
    }

    /** Returns the wire of a lane, where messages tell the places of their payloads. */
    public static Wire shared(Lane lane) {
        return new Wire(false, Optional.of(lane));
    }

    /** Returns what a worker process sends. */
    public Frame<WorkerFrame> toFrame(ToCoordinator message) {
        var frame = WorkerFrame.newBuilder();
        var payload = Frame.NO_PAYLOAD;
        switch (message) {
            case ToCoordinator.Join(var protocol, var info) ->
                    frame.getJoinBuilder()
                            .setProtocol(protocol)
                            .setWorkers(info.workers())
                            .setHost(info.host())
                            .setPid(info.pid())
                            .setKernel(info.kernel())
                            .setFingerprint(info.fingerprint());
            case ToCoordinator.Ready(var workers, var levels) ->
                    frame.getReadyBuilder().setWorkers(workers).setLevels(levels);
            case ToCoordinator.Contribution(
                            var lease,
                            var totals,
                            var computeNanos,
                            var offset,
                            var values) -> {
                var contribution =
                        frame.getContributionBuilder()
                                .setLease(write(lease))
                                .setTotals(write(totals))
                                .setComputeNanos(computeNanos)
                                .setOffset(offset);
                if (copiesPayloads) {
                    contribution.setCrc(Checksum.of(values.elements()));
                }
                if (lane.isPresent()) {
                    contribution
                            .setVector(lane.get().handOver(values))
                            .setVectorHalves(isHalves(values));
                } else {
                    payload = values;
                }
            }
            case ToCoordinator.Coded(var lease, var totals, var computeNanos, var bytes) ->
                    frame.getCodedBuilder()
                            .setLease(write(lease))
                            .setTotals(write(totals))
                            .setComputeNanos(computeNanos)
                            .setBytes(write(bytes, copiesPayloads));
            case ToCoordinator.State(var part) -> frame.setState(write(part, copiesPayloads));
            case ToCoordinator.Evaluated(var lease, var totals, var statistics, var computeNanos) ->
                    frame.getEvaluatedBuilder()
                            .setLease(write(lease))
                            .setTotals(write(totals))
                            .addAllStatistics(write(statistics))
                            .setComputeNanos(computeNanos);
            case ToCoordinator.Failed(var lease, var notFinite, var reason) ->
                    frame.getFailedBuilder()
                            .setLease(write(lease))
                            .setNotFinite(notFinite)
                            .setReason(reason);
            case ToCoordinator.Returned(var lease) ->
                    frame.getReturnedBuilder().setLease(write(lease));
            case ToCoordinator.Leaving(var reason) -> frame.getLeavingBuilder().setReason(reason);
        }
        return new Frame<>(frame.build(), payload);
    }

    /** Returns what the coordinator sends. */
    public Frame<CoordinatorFrame> toFrame(ToWorker message) {
        var frame = CoordinatorFrame.newBuilder();
        var payload = Frame.NO_PAYLOAD;
        switch (message) {
            case ToWorker.Welcome(var process, var workers, var spec, var limits) ->
                    frame.getWelcomeBuilder()
                            .setProcess(process.number())
                            .addAllWorkers(workers.stream().map(WorkerId::number).toList())
                            .setSpec(write(spec))
                            .setCreditChunks(limits.creditChunks())
                            .setBeatMillis(limits.beat().toMillis())
                            .setStrictKernels(limits.strictKernels())
                            .setSilence(write(limits.silence()))
                            .setLease(write(limits.lease()));
            case ToWorker.Weights(var version, var offset, var values) -> {
                var weights = frame.getWeightsBuilder().setVersion(version).setOffset(offset);
                if (copiesPayloads) {
                    weights.setCrc(Checksum.of(values.elements()));
                }
                if (lane.isPresent()) {
                    weights.setBuffer(lane.get().bufferOf(values.elements()));
                } else {
                    payload = values;
                }
            }
            case ToWorker.Change(var version, var bytes) ->
                    frame.getChangeBuilder()
                            .setVersion(version)
                            .setBytes(write(bytes, copiesPayloads));
            case ToWorker.Statistics(var work, var values) ->
                    frame.getStatisticsBuilder()
                            .setStep(work.step())
                            .setRound(work.round())
                            .addAllValues(write(values));
            case ToWorker.State(var part) -> frame.setState(write(part, copiesPayloads));
            case ToWorker.StateWanted(var shard, var batch) ->
                    frame.getStateWantedBuilder().setShard(shard).setBatch(batch);
            case ToWorker.Grant(var leases) ->
                    frame.getGrantBuilder()
                            .addAllLeases(leases.stream().map(WireValues::write).toList());
            case ToWorker.Revoke(var leases) ->
                    frame.getRevokeBuilder()
                            .addAllLeases(leases.stream().map(WireValues::write).toList());
            case ToWorker.Credit(var lease, var chunks) ->
                    frame.getCreditBuilder().setLease(write(lease)).setChunks(chunks);
            case ToWorker.Goodbye(var complete, var reason) ->
                    frame.getGoodbyeBuilder().setComplete(complete).setReason(reason);
        }
        return new Frame<>(frame.build(), payload);
    }

    /**
     * Returns what a worker process said; the payload stays on loan.
     *
     * @throws WireException if no correct peer says so; the payload is released
     */
    public ToCoordinator fromWorker(Frame<WorkerFrame> frame) {
        try {
            Malformed.refuse(frame.payload());
            return readWorker(frame.header(), frame.payload());
        } catch (WireException e) {
            frame.payload().release();
            throw e;
        } catch (IllegalArgumentException e) {
            frame.payload().release();
            throw new WireException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Returns what the coordinator said; the payload stays on loan.
     *
     * @throws WireException if no correct peer says so; the payload is released
     */
    public ToWorker fromCoordinator(Frame<CoordinatorFrame> frame) {
        try {
            Malformed.refuse(frame.payload());
            return readCoordinator(frame.header(), frame.payload());
        } catch (WireException e) {
            frame.payload().release();
            throw e;
        } catch (IllegalArgumentException e) {
            frame.payload().release();
            throw new WireException(String.valueOf(e.getMessage()));
        }
    }

    private ToCoordinator readWorker(WorkerFrame frame, Payload payload) {
        return switch (frame.getMessageCase()) {
            case JOIN -> {
                var join = frame.getJoin();
                if (join.getWorkers() < 1 || join.getWorkers() > WORKERS_MAX) {
                    throw new WireException(
                            "a process of %d workers; expected 1 to %d"
                                    .formatted(join.getWorkers(), WORKERS_MAX));
                }
                yield new ToCoordinator.Join(
                        join.getProtocol(),
                        new ProcessInfo(
                                join.getWorkers(),
                                Texts.name("host", join.getHost()),
                                join.getPid(),
                                Texts.name("kernel", join.getKernel()),
                                Texts.name("fingerprint", join.getFingerprint())));
            }
            case READY -> readReady(frame.getReady());
            case CONTRIBUTION -> {
                var contribution = frame.getContribution();
                check(contribution.hasCrc(), contribution.getCrc(), payload);
                yield new ToCoordinator.Contribution(
                        read(contribution.getLease()),
                        read(contribution.getTotals()),
                        contribution.getComputeNanos(),
                        contribution.getOffset(),
                        lane.map(shared -> handedOver(shared, contribution)).orElse(payload));
            }
            case CODED ->
                    new ToCoordinator.Coded(
                            read(frame.getCoded().getLease()),
                            read(frame.getCoded().getTotals()),
                            frame.getCoded().getComputeNanos(),
                            read(frame.getCoded().getBytes(), copiesPayloads));
            case STATE -> new ToCoordinator.State(read(frame.getState(), copiesPayloads));
            case EVALUATED ->
                    new ToCoordinator.Evaluated(
                            read(frame.getEvaluated().getLease()),
                            read(frame.getEvaluated().getTotals()),
                            read(frame.getEvaluated().getStatisticsList()),
                            frame.getEvaluated().getComputeNanos());
            case FAILED ->
                    new ToCoordinator.Failed(
                            read(frame.getFailed().getLease()),
                            frame.getFailed().getNotFinite(),
                            Texts.reason(frame.getFailed().getReason()));
            case RETURNED -> new ToCoordinator.Returned(read(frame.getReturned().getLease()));
            case LEAVING -> new ToCoordinator.Leaving(Texts.reason(frame.getLeaving().getReason()));
            case MESSAGE_NOT_SET ->
                    throw new WireException("a frame without a message that this release knows");
        };
    }

    private static ToCoordinator.Ready readReady(Ready ready) {
        if (ready.getWorkers() < 0
                || ready.getWorkers() > RELAYED_WORKERS_MAX
                || ready.getLevels() < 0
                || ready.getLevels() > LEVELS_MAX) {
            throw new WireException(
                    "ready for %d workers through %d relays; expected 0 to %d through 0 to %d"
                            .formatted(
                                    ready.getWorkers(),
                                    ready.getLevels(),
                                    RELAYED_WORKERS_MAX,
                                    LEVELS_MAX));
        }
        return new ToCoordinator.Ready(ready.getWorkers(), ready.getLevels());
    }

    private ToWorker readCoordinator(CoordinatorFrame frame, Payload payload) {
        return switch (frame.getMessageCase()) {
            case WELCOME -> {
                var welcome = frame.getWelcome();
                requireRange("workers", welcome.getWorkersCount(), 1, WORKERS_MAX);
                requireRange("credit", welcome.getCreditChunks(), 1, CREDIT_CHUNKS_MAX);
                requireRange("heartbeat", welcome.getBeatMillis(), 1, BEAT_MILLIS_MAX);
                yield new ToWorker.Welcome(
                        new ProcessId(welcome.getProcess()),
                        welcome.getWorkersList().stream().map(WorkerId::new).toList(),
                        read(welcome.getSpec()),
                        new MemberLimits(
                                welcome.getStrictKernels(),
                                Duration.ofMillis(welcome.getBeatMillis()),
                                welcome.hasSilence()
                                        ? read(welcome.getSilence())
                                        : MemberLimits.SILENCE,
                                welcome.hasLease() ? read(welcome.getLease()) : MemberLimits.LEASE,
                                welcome.getCreditChunks()));
            }
            case WEIGHTS -> {
                var weights = frame.getWeights();
                check(weights.hasCrc(), weights.getCrc(), payload);
                yield new ToWorker.Weights(
                        weights.getVersion(),
                        weights.getOffset(),
                        lane.map(shared -> shared.weights(weights.getBuffer())).orElse(payload));
            }
            case CHANGE ->
                    new ToWorker.Change(
                            frame.getChange().getVersion(),
                            read(frame.getChange().getBytes(), copiesPayloads));
            case STATISTICS -> {
                var statistics = frame.getStatistics();
                yield new ToWorker.Statistics(
                        readMeasure(statistics.getStep(), statistics.getRound()),
                        read(statistics.getValuesList()));
            }
            case STATE -> new ToWorker.State(read(frame.getState(), copiesPayloads));
            case STATE_WANTED ->
                    new ToWorker.StateWanted(
                            frame.getStateWanted().getShard(), frame.getStateWanted().getBatch());
            case GRANT ->
                    new ToWorker.Grant(
                            frame.getGrant().getLeasesList().stream()
                                    .map(WireValues::read)
                                    .toList());
            case REVOKE ->
                    new ToWorker.Revoke(
                            frame.getRevoke().getLeasesList().stream()
                                    .map(WireValues::read)
                                    .toList());
            case CREDIT ->
                    new ToWorker.Credit(
                            read(frame.getCredit().getLease()), frame.getCredit().getChunks());
            case GOODBYE ->
                    new ToWorker.Goodbye(
                            frame.getGoodbye().getComplete(),
                            Texts.reason(frame.getGoodbye().getReason()));
            case MESSAGE_NOT_SET ->
                    throw new WireException("a frame without a message that this release knows");
        };
    }

    private static boolean isHalves(Payload payload) {
        return payload.elements().precision() == Precision.BF16;
    }

    private static Payload handedOver(Lane lane, dev.tutti.proto.v1.Contribution contribution) {
        if (!contribution.hasVector()) {
            throw new WireException("a gradient that is not in shared memory");
        }
        return lane.handedOver(
                contribution.getVector(),
                contribution.getVectorHalves() ? Precision.BF16 : Precision.FP32);
    }

    private void check(boolean present, int expected, Payload payload) {
        if (!copiesPayloads) {
            return;
        }
        if (!present) {
            throw new WireException("a payload without its checksum");
        }
        var found = Checksum.of(payload.elements());
        if (found != expected) {
            throw WireException.damaged(
                    "a payload of %d bytes is corrupt: CRC32C %08x found, %08x expected"
                            .formatted(payload.elements().memory().byteSize(), found, expected));
        }
    }
}
