package dev.tutti.proto;

import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.step.message.StatePart;
import dev.tutti.common.step.message.Stretch;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.Patience;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.v1.Option;
import dev.tutti.proto.v1.State;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The translation of what messages are about. What is read is checked, as in {@link Wire}, which
 * translates the messages themselves.
 */
final class WireValues {
    private static final int CHUNK_FLOATS_MAX = FrameMarshaller.PAYLOAD_BYTES_MAX / Float.BYTES;

    /** Most rounds of a step: a model has fewer layers. */
    private static final int ROUNDS_MAX = 1 << 20;

    /** Most statistics of a round, so that a message fits into the rings of shared memory. */
    private static final int STATISTICS_MAX = 4_001;

    /** Most options of a run: one of this release has fewer. */
    private static final int OPTIONS_MAX = 256;

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
                .setBatch(lease.work() instanceof Work.Train(_, var batch) ? batch : 0)
                .setAfter(lease.after() - Lease.NEVER)
                .build();
    }

    static Lease read(dev.tutti.proto.v1.Lease lease) {
        var work =
                switch (lease.getPart()) {
                    case PART_TRAIN -> new Work.Train(lease.getStep(), lease.getBatch());
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
                new WorkerId(lease.getWorker()),
                lease.getAfter() + Lease.NEVER);
    }

    /** Writes some bytes, with their checksum if they travel as copies. */
    static dev.tutti.proto.v1.Stretch write(Stretch stretch, boolean copied) {
        var written =
                dev.tutti.proto.v1.Stretch.newBuilder()
                        .setOffset(stretch.offset())
                        .setLength(stretch.length())
                        .setContent(UnsafeByteOperations.unsafeWrap(stretch.content()));
        if (copied) {
            written.setCrc(checksum(stretch.content()));
        }
        return written.build();
    }

    /** Reads some bytes, which must have their checksum if they travelled as copies. */
    static Stretch read(dev.tutti.proto.v1.Stretch written, boolean copied) {
        requireRange("the length of a whole", written.getLength(), 0, Integer.MAX_VALUE);
        requireRange(
                "the offset of some bytes",
                written.getOffset(),
                0,
                (long) written.getLength() - written.getContent().size());
        var content = written.getContent().toByteArray();
        if (copied && !written.hasCrc()) {
            throw new WireException("a payload without its checksum");
        }
        if (copied && checksum(content) != written.getCrc()) {
            throw WireException.damaged(
                    "a payload of %d bytes is corrupt: CRC32C %08x found, %08x expected"
                            .formatted(content.length, checksum(content), written.getCrc()));
        }
        return new Stretch(written.getOffset(), written.getLength(), content);
    }

    private static int checksum(byte[] bytes) {
        return Checksum.of(MemorySegment.ofArray(bytes));
    }

    static State write(StatePart part, boolean copied) {
        return State.newBuilder()
                .setShard(part.shard())
                .setBatch(part.batch())
                .setBytes(write(part.bytes(), copied))
                .build();
    }

    static StatePart read(State part, boolean copied) {
        return new StatePart(part.getShard(), part.getBatch(), read(part.getBytes(), copied));
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
        var written = dev.tutti.proto.v1.RunSpec.newBuilder();
        spec.texts()
                .forEach((name, text) ->
                        written.addOptions(Option.newBuilder().setName(name).setText(text)));
        return written.build();
    }

    static RunSpec read(dev.tutti.proto.v1.RunSpec written) {
        requireRange("options", written.getOptionsCount(), 0, OPTIONS_MAX);
        var texts = new LinkedHashMap<String, String>();
        for (var option : written.getOptionsList()) {
            var name = Texts.name("the name of an option", option.getName());
            if (texts.put(name, Texts.plugIn(name, option.getText())) != null) {
                throw new WireException("option %s is given twice".formatted(name));
            }
        }
        var spec = RunSpec.of(texts);
        requireRange("chunk-floats", spec.chunkFloats(), 1, CHUNK_FLOATS_MAX);
        var _ = Texts.digest(spec.dataDigest());
        return spec;
    }

    static void requireRange(String what, long found, long min, long max) {
        if (found < min || found > max) {
            throw new WireException("%s of %d; expected %d to %d".formatted(what, found, min, max));
        }
    }
}
