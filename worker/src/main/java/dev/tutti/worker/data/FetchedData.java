package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.format.Sha256;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Floats;
import dev.tutti.proto.Checksum;
import dev.tutti.proto.v1.DataChunk;
import dev.tutti.proto.v1.FetchDataRequest;
import dev.tutti.proto.v1.TrainingGrpc;
import dev.tutti.worker.DataProvider;
import dev.tutti.worker.FetchBrokenException;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.table.CsvHeader;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data of a run, from where it is nearest: a place that the user named, the cache of this
 * machine, or the coordinator.
 *
 * @param cache keeps what was fetched
 * @param sources reads the named place
 * @param named where this machine has the data, if the user said so
 */
public record FetchedData(DatasetCache cache, DataSources sources, Optional<String> named)
        implements DataProvider {
    /** A coordinator that sends slower than this, on average, has stopped. */
    private static final long BYTES_PER_SECOND_MIN = 1 << 14;

    private static final long SECONDS_MIN = 60;

    private static final String REMEDY =
            "; leave out --data to fetch it: a worker cannot choose columns, code, fill or standardise them as the run did";

    private static final Logger LOG = LoggerFactory.getLogger(FetchedData.class);

    @Override
    public Dataset get(RunSpec spec, Channel coordinator) {
        if (named.isPresent()) {
            return open(named.get(), spec);
        }
        return DatasetFile.read(file(spec, coordinator));
    }

    /**
     * Returns the dataset's file, from the cache or else fetched; may take long.
     *
     * @throws DataException if it cannot be had
     */
    public MemorySegment file(RunSpec spec, Channel coordinator) {
        var cached = cached(spec);
        if (cached.isPresent()) {
            LOG.info("data {} is in the cache", spec.data());
            return cached.get();
        }
        LOG.info("fetching data {}, {} bytes", spec.data(), spec.dataBytes());
        return room(spec)
                .map(incoming -> throughCache(spec, incoming, coordinator))
                .orElseGet(() -> inMemory(spec, coordinator));
    }

    /** A cache that cannot be read is like one that is empty. */
    private Optional<MemorySegment> cached(RunSpec spec) {
        try {
            return cache.file(spec.dataDigest(), Arena.ofAuto());
        } catch (DataException e) {
            LOG.warn("{}", e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<IncomingDataset> room(RunSpec spec) {
        try {
            return Optional.of(cache.receive(spec.dataBytes()));
        } catch (DataException e) {
            // A coordinator may announce anything: no more memory than the heap is large.
            if (spec.dataBytes() > Runtime.getRuntime().maxMemory()) {
                throw e;
            }
            LOG.warn("{}; this process keeps the data in memory", e.getMessage());
            return Optional.empty();
        }
    }

    private MemorySegment throughCache(RunSpec spec, IncomingDataset room, Channel coordinator) {
        try (var incoming = room) {
            fetch(spec, coordinator, incoming.bytes());
            incoming.keep(spec.dataDigest());
        }
        return cache.file(spec.dataDigest(), Arena.ofAuto())
                .orElseThrow(() -> new DataException("the fetched data is gone from the cache"));
    }

    private static MemorySegment inMemory(RunSpec spec, Channel coordinator) {
        var bytes = Arena.ofAuto().allocate(spec.dataBytes(), Floats.ALIGNMENT_BYTES);
        fetch(spec, coordinator, bytes);
        IncomingDataset.requireDigest(spec.dataDigest(), bytes);
        return bytes;
    }

    /**
     * Opens the named place; whether its first line holds names in this run, the digest says. What
     * the run chose, filled, coded or standardised cannot be made again here: the run's
     * specification does not have it.
     */
    private Dataset open(String source, RunSpec spec) {
        var wanted = Losses.CATALOGUE.parse(spec.loss()).targets();
        var refusals = new ArrayList<DataException>();
        for (var header : CsvHeader.values()) {
            try {
                return open(DataOptions.of(source, wanted).withHeader(header), spec);
            } catch (DataException e) {
                refusals.add(e);
            }
        }
        throw new DataException(refusals.getFirst().getMessage() + REMEDY);
    }

    private Dataset open(DataOptions options, RunSpec spec) {
        var dataset = sources.open(options, Arena.ofAuto());
        var digest = digest(dataset);
        if (!digest.equals(spec.dataDigest())) {
            throw new DataException(
                    "%s is not the data of this run: digest %s found, %s expected"
                            .formatted(options.source(), digest, spec.dataDigest()));
        }
        return dataset;
    }

    private static String digest(Dataset dataset) {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocate(DatasetFile.byteSize(dataset), 64);
            DatasetFile.write(dataset, bytes);
            return Sha256.hex(bytes);
        }
    }

    private static void fetch(RunSpec spec, Channel coordinator, MemorySegment out) {
        var request = FetchDataRequest.newBuilder().setDigest(spec.dataDigest()).build();
        try {
            var chunks =
                    TrainingGrpc.newBlockingStub(coordinator)
                            .withDeadlineAfter(
                                    SECONDS_MIN + spec.dataBytes() / BYTES_PER_SECOND_MIN,
                                    TimeUnit.SECONDS)
                            .fetchData(request);
            write(chunks, out);
        } catch (StatusRuntimeException e) {
            var line =
                    "the coordinator did not send the data %s: %s"
                            .formatted(spec.data(), e.getStatus());
            throw e.getStatus().getCode() == Status.Code.UNAVAILABLE
                    ? new FetchBrokenException(line)
                    : new DataException(line);
        }
    }

    private static void write(Iterator<DataChunk> chunks, MemorySegment out) {
        var next = 0L;
        while (chunks.hasNext()) {
            var chunk = chunks.next();
            var content = MemorySegment.ofBuffer(chunk.getContent().asReadOnlyByteBuffer());
            // In order, none empty: so the file's end is the end, however long the other side goes
            // on.
            if (content.byteSize() == 0
                    || content.byteSize() > out.byteSize() - next
                    || chunk.getOffset() != next) {
                throw new DataException(
                        "the coordinator sent a chunk of %d bytes at %d of the data, expected the one at %d of %d"
                                .formatted(
                                        content.byteSize(),
                                        chunk.getOffset(),
                                        next,
                                        out.byteSize()));
            }
            if (Checksum.of(content) != chunk.getCrc()) {
                throw new DataException(
                        "a chunk of %d bytes at %d of the data is corrupt"
                                .formatted(content.byteSize(), next));
            }
            MemorySegment.copy(content, 0, out, next, content.byteSize());
            next += content.byteSize();
        }
        if (next < out.byteSize()) {
            throw new DataException(
                    "the coordinator sent %d bytes of the data, expected %d"
                            .formatted(next, out.byteSize()));
        }
    }
}
