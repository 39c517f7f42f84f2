package dev.tutti.proto;

import dev.tutti.common.average.BatchStatistics;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.Lease;
import dev.tutti.common.step.Part;
import dev.tutti.common.step.Patience;
import dev.tutti.common.step.RunSpec;
import dev.tutti.common.step.Work;
import dev.tutti.common.step.WorkerId;
import dev.tutti.common.vector.Shape;
import dev.tutti.proto.failure.WireException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The translation of what messages are about. What is read is checked, as in {@link Wire}, which
 * translates the messages themselves.
 */
final class WireValues {
    private static final int SHARDS_MAX = 1 << 20;
    private static final int CHUNK_FLOATS_MAX = FrameMarshaller.PAYLOAD_BYTES_MAX / Float.BYTES;

    /** Most rounds of a step: a model has fewer layers. */
    private static final int ROUNDS_MAX = 1 << 20;

    /** Most statistics of a round, so that a message fits into the rings of shared memory. */
    private static final int STATISTICS_MAX = 4_001;

    private WireValues() {}

    static dev.tutti.proto.v1.Lease write(Lease lease) {
        var part =
                switch (lease.work()) {
                    case Work.Train _ -> dev.tutti.proto.v1.Part.PART_TRAIN;
                    case Work.Measure _ -> dev.tutti.proto.v1.Part.PART_BATCH;
                    case Work.Evaluate(_, var evaluated) ->
                            switch (evaluated) {
                                case VALIDATION -> dev.tutti.proto.v1.Part.PART_VALIDATION;
                                case TEST -> dev.tutti.proto.v1.Part.PART_TEST;
                            };
                };
        return dev.tutti.proto.v1.Lease.newBuilder()
                .setStep(lease.work().step())
                .setPart(part)
                .setFromShard(lease.shards().from())
                .setToShard(lease.shards().to())
                .setAttempt(lease.attempt())
                .setWorker(lease.worker().number())
                .setRound(lease.work() instanceof Work.Measure(_, var round) ? round : 0)
                .build();
    }

    static Lease read(dev.tutti.proto.v1.Lease lease) {
        var work =
                switch (lease.getPart()) {
                    case PART_TRAIN -> new Work.Train(lease.getStep());
                    case PART_VALIDATION -> new Work.Evaluate(lease.getStep(), Part.VALIDATION);
                    case PART_TEST -> new Work.Evaluate(lease.getStep(), Part.TEST);
                    case PART_BATCH -> readMeasure(lease.getStep(), lease.getRound());
                    case UNRECOGNIZED ->
                            throw new WireException(
                                    "a lease for part %d of the data"
                                            .formatted(lease.getPartValue()));
                };
        return new Lease(
                work,
                new ShardRange(lease.getFromShard(), lease.getToShard()),
                lease.getAttempt(),
                new WorkerId(lease.getWorker()));
    }

    static dev.tutti.proto.v1.Patience write(Patience patience) {
        return dev.tutti.proto.v1.Patience.newBuilder()
                .setMinNanos(patience.min().toNanos())
                .setMaxNanos(patience.max().toNanos())
                .build();
    }

    static Patience read(dev.tutti.proto.v1.Patience patience) {
        return new Patience(
                Duration.ofNanos(patience.getMinNanos()), Duration.ofNanos(patience.getMaxNanos()));
    }

    static Work.Measure readMeasure(long step, int round) {
        requireRange("round", round, 0, ROUNDS_MAX - 1);
        return new Work.Measure(step, round);
    }

    static List<Double> write(BatchStatistics statistics) {
        return Arrays.stream(statistics.toArray()).boxed().toList();
    }

    static BatchStatistics read(List<Double> statistics) {
        requireRange("statistics", statistics.size(), 0, STATISTICS_MAX);
        return BatchStatistics.of(statistics.stream().mapToDouble(Double::doubleValue).toArray());
    }

    static dev.tutti.proto.v1.Totals write(Totals totals) {
        return dev.tutti.proto.v1.Totals.newBuilder()
                .setSamples(totals.samples())
                .setLoss(totals.loss())
                .setCorrect(totals.correct())
                .setSampleHash(totals.sampleHash())
                .build();
    }

    static Totals read(dev.tutti.proto.v1.Totals totals) {
        return new Totals(
                totals.getSamples(), totals.getLoss(), totals.getCorrect(), totals.getSampleHash());
    }

    static dev.tutti.proto.v1.RunSpec write(RunSpec spec) {
        return dev.tutti.proto.v1.RunSpec.newBuilder()
                .setModel(spec.model())
                .setLoss(spec.loss())
                .addAllInput(spec.input().dimensions())
                .setOutputs(spec.outputs())
                .setSeed(spec.seed())
                .setBatch(spec.batch())
                .setShuffle(spec.shuffle())
                .setShards(spec.shards())
                .setValidation(spec.validation())
                .setTest(spec.test())
                .setDataName(spec.data())
                .setDataDigest(spec.dataDigest())
                .setDataLength(spec.dataBytes())
                .setChunkFloats(spec.chunkFloats())
                .setWire(Roundings.CATALOGUE.format(spec.wire()))
                .build();
    }

    static RunSpec read(dev.tutti.proto.v1.RunSpec spec) {
        requireRange("outputs", spec.getOutputs(), 1, Integer.MAX_VALUE);
        requireRange("batch", spec.getBatch(), 1, Integer.MAX_VALUE);
        requireRange("shards", spec.getShards(), 1, SHARDS_MAX);
        requireRange("chunks of floats", spec.getChunkFloats(), 1, CHUNK_FLOATS_MAX);
        requireRange("dataset bytes", spec.getDataLength(), 1, Long.MAX_VALUE);
        return new RunSpec(
                Texts.plugIn("model", spec.getModel()),
                Texts.plugIn("loss", spec.getLoss()),
                new Shape(List.copyOf(spec.getInputList())),
                spec.getOutputs(),
                spec.getSeed(),
                spec.getBatch(),
                spec.getShuffle(),
                spec.getShards(),
                spec.getValidation(),
                spec.getTest(),
                Texts.name("data", spec.getDataName()),
                Texts.digest(spec.getDataDigest()),
                spec.getDataLength(),
                spec.getChunkFloats(),
                Roundings.CATALOGUE.parse(Texts.plugIn("wire", spec.getWire())));
    }

    static void requireRange(String what, long found, long min, long max) {
        if (found < min || found > max) {
            throw new WireException("%s of %d; expected %d to %d".formatted(what, found, min, max));
        }
    }
}
