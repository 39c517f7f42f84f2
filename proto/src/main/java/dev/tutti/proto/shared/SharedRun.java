package dev.tutti.proto.shared;

import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.failure.Reason;
import dev.tutti.proto.life.LeftBehind;
import dev.tutti.proto.loop.Bell;
import dev.tutti.proto.v1.SharedMemory;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared memory of a run, made by its coordinator: a folder that the run's user alone may
 * enter, with the weights, the coordinator's bell and a lane for each worker process of this host.
 *
 * <p>A folder's name is 128 random bits. A lane's file loses its name as soon as both sides have
 * mapped it, so the memory goes when the processes go. A folder that a killed coordinator left is
 * removed by its workers when they end, and by the next coordinator: its lock is free.
 */
public final class SharedRun implements Closeable {
    /** The property that names another folder than {@code /dev/shm}, the same for all processes. */
    public static final String FOLDER_PROPERTY = "tutti.shared-memory";

    static final Path ROOT = Path.of(System.getProperty(FOLDER_PROPERTY, "/dev/shm"));

    private static final Logger LOG = LoggerFactory.getLogger(SharedRun.class);
    private static final Pattern NAME = Pattern.compile("tutti-[0-9a-f]{32}");
    private static final Pattern LANE = Pattern.compile("lane-[0-9]{1,9}");
    private static final String WEIGHTS = "weights";
    private static final String BELL = "bell";
    private static final String LOCK = "lock";
    private static final int RESERVE_BYTES = 1 << 20;

    private final Path folder;
    private final FileLock lock;
    private final WeightsBuffers weights;
    private final Bell bell;
    private final LeftBehind.Entry outside;

    private SharedRun(
            Path folder,
            FileLock lock,
            WeightsBuffers weights,
            Bell bell,
            LeftBehind.Entry outside) {
        this.folder = folder;
        this.lock = lock;
        this.weights = weights;
        this.bell = bell;
        this.outside = outside;
    }

    /** Tells whether processes of this system can share memory, and wake each other. */
    public static boolean isAvailable() {
        return Bell.isAvailable() && Files.isDirectory(ROOT) && Files.isWritable(ROOT);
    }

    private static void requireBell() throws IOException {
        if (!Bell.isAvailable()) {
            throw new FileSystemException(
                    ROOT.toString(),
                    null,
                    "processes that share memory need Linux's futex, on amd64 or aarch64");
        }
    }

    /**
     * Returns the bytes that a run takes for its weights alone.
     *
     * @param kept versions before the newest that may be kept
     */
    public static long weightsBytes(int kept, long floats, Precision precision) {
        return WeightsBuffers.bytes(buffers(kept), floats, precision) + Bell.BYTES;
    }

    private static int buffers(int kept) {
        return WeightsBuffers.COUNT_MIN + kept;
    }

    /** Returns the bytes that a process's lane takes with so many gradients in it. */
    public static long laneBytes(int vectors, long floats) {
        return new Layout(vectors, floats).bytes();
    }

    /**
     * Returns the bytes that can still be had; as many as there are numbers if nothing bounds it.
     */
    public static long room() throws IOException {
        return room(ROOT);
    }

    private static long room(Path folder) throws IOException {
        var store = Files.getFileStore(folder);
        // A tmpfs without a limit says that it has no blocks at all.
        return store.getTotalSpace() == 0 ? Long.MAX_VALUE : store.getUsableSpace();
    }

    /**
     * Makes the folder, and zeroed weights in it.
     *
     * @param kept versions before the newest that may be kept
     * @param floats number of the weights
     * @param precision how each of them is stored
     * @throws IOException if there is no room, or no right
     */
    public static SharedRun create(int kept, long floats, Precision precision) throws IOException {
        requireBell();
        removeLeftOvers();
        var random = new byte[16];
        new SecureRandom().nextBytes(random);
        var name = "tutti-" + HexFormat.of().formatHex(random);
        // Under another name until it is locked, or a coordinator that tidies up might take it.
        var unfinished =
                Files.createDirectory(
                        ROOT.resolve("." + name),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        var outside =
                LeftBehind.unless(() -> {
                    remove(unfinished);
                    remove(ROOT.resolve(name));
                });
        try {
            var lock = create(unfinished.resolve(LOCK)).lock();
            lock.channel().write(StandardCharsets.US_ASCII.encode(ownerText()));
            try (var file = create(unfinished.resolve(WEIGHTS));
                    var bellFile = create(unfinished.resolve(BELL))) {
                var bytes = WeightsBuffers.bytes(buffers(kept), floats, precision);
                reserve(unfinished, file, 0, bytes);
                reserve(unfinished, bellFile, 0, Bell.BYTES);
                var weights = file.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.ofAuto());
                var bell = bell(bellFile);
                var folder = Files.move(unfinished, ROOT.resolve(name));
                var buffers = new WeightsBuffers(weights, buffers(kept), floats, precision);
                return new SharedRun(folder, lock, buffers, bell, outside);
            }
        } catch (IOException | RuntimeException | Error e) {
            outside.close();
            remove(unfinished);
            throw e;
        }
    }

    /** Whose the folder is, for people. */
    private static String ownerText() {
        return ProcessHandle.current().pid() + "\n";
    }

    private static Bell bell(FileChannel file) throws IOException {
        return new Bell(file.map(FileChannel.MapMode.READ_WRITE, 0, Bell.BYTES, Arena.ofAuto()));
    }

    /** Returns the folder, which a coordinator that is killed leaves. */
    public Path folder() {
        return folder;
    }

    /** Returns one of the places of the weights, zeroed at first. */
    public Elements weights(int buffer) {
        return weights.elements(buffer);
    }

    /**
     * Makes the lane of a process.
     *
     * @param vectors how many gradients the process may have computed and not seen summed
     */
    public CoordinatorLane open(int process, int vectors) throws IOException {
        var layout = new Layout(vectors, weights.floats());
        try (var file = create(lane(process))) {
            reserve(folder, file, 0, layout.headBytes());
            file.write(ByteBuffer.allocate(1), layout.bytes() - 1);
            var arena = Arena.ofShared();
            var memory = file.map(FileChannel.MapMode.READ_WRITE, 0, layout.bytes(), arena);
            return new CoordinatorLane(
                    offer(process, vectors),
                    () -> hide(process),
                    arena,
                    layout,
                    memory,
                    weights,
                    bell);
        } catch (IOException | RuntimeException e) {
            hide(process);
            throw e;
        }
    }

    private SharedMemory offer(int process, int vectors) {
        return SharedMemory.newBuilder()
                .setRun(folder.getFileName().toString())
                .setLane("lane-" + process)
                .setVectors(vectors)
                .setVectorFloats(weights.floats())
                .setWeightsBuffers(weights.count())
                .setWeightsHalves(weights.precision() == Precision.BF16)
                .build();
    }

    private void hide(int process) {
        try {
            Files.deleteIfExists(lane(process));
        } catch (IOException e) {
            LOG.warn("cannot remove {}: {}", lane(process), Reason.of(e));
        }
    }

    /**
     * Maps the lane that a coordinator offers. Only names of its own making are looked at, below
     * the one root, and followed nowhere.
     *
     * @throws IOException if it is not there, as on another host, or not as it should be
     */
    public static WorkerLane join(SharedMemory offer) throws IOException {
        return join(
                offer,
                (file, from, bytes) -> reserve(ROOT.resolve(offer.getRun()), file, from, bytes));
    }

    static WorkerLane join(SharedMemory offer, WorkerLane.Reservation reservation)
            throws IOException {
        requireBell();
        if (!NAME.matcher(offer.getRun()).matches() || !LANE.matcher(offer.getLane()).matches()) {
            throw new IOException("the coordinator offers shared memory under an invalid name");
        }
        var layout = new Layout(offer.getVectors(), offer.getVectorFloats());
        var folder = ROOT.resolve(offer.getRun());
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("its memory is not on this host");
        }
        var precision = offer.getWeightsHalves() ? Precision.BF16 : Precision.FP32;
        var buffers = offer.getWeightsBuffers();
        if (buffers < WeightsBuffers.COUNT_MIN) {
            throw new IOException("its memory has no room for weights");
        }
        var bytes = WeightsBuffers.bytes(buffers, layout.vectorFloats(), precision);
        var file =
                FileChannel.open(
                        folder.resolve(offer.getLane()),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS);
        try (var weightsFile =
                        FileChannel.open(
                                folder.resolve(WEIGHTS),
                                StandardOpenOption.READ,
                                LinkOption.NOFOLLOW_LINKS);
                var bellFile =
                        FileChannel.open(
                                folder.resolve(BELL),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                LinkOption.NOFOLLOW_LINKS)) {
            if (file.size() != layout.bytes()
                    || weightsFile.size() != bytes
                    || bellFile.size() != Bell.BYTES) {
                throw new IOException("its memory is not as large as it says");
            }
            return new WorkerLane(
                    reservation,
                    file,
                    layout,
                    file.map(FileChannel.MapMode.READ_WRITE, 0, layout.bytes(), Arena.ofAuto()),
                    new WeightsBuffers(
                            weightsFile.map(
                                    FileChannel.MapMode.READ_ONLY, 0, bytes, Arena.ofAuto()),
                            buffers,
                            layout.vectorFloats(),
                            precision),
                    bell(bellFile));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Removes the folder; processes keep what they have mapped. */
    @Override
    public void close() throws IOException {
        remove(folder);
        outside.close();
        lock.channel().close();
    }

    /**
     * Has the system set memory aside for a part of a file, and zeroes it. Where there is plainly
     * too little, none is taken: what others need stays theirs.
     *
     * @param folder of the file
     */
    static void reserve(Path folder, FileChannel file, long from, long bytes) throws IOException {
        var room = room(folder);
        if (room < bytes) {
            throw new IOException(
                    "%d bytes are needed, there is room for %d".formatted(bytes, room));
        }
        var zeros = ByteBuffer.allocateDirect((int) Math.min(RESERVE_BYTES, bytes));
        for (var left = bytes; left > 0; ) {
            zeros.clear().limit((int) Math.min(left, zeros.capacity()));
            left -= file.write(zeros, from + bytes - left);
        }
    }

    private Path lane(int process) {
        return folder.resolve("lane-" + process);
    }

    private static FileChannel create(Path path) throws IOException {
        return FileChannel.open(
                path,
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** Removes the folders of coordinators that were killed. */
    public static void removeLeftOvers() {
        if (!isAvailable()) {
            return;
        }
        try (var folders = Files.list(ROOT)) {
            for (var folder : folders.toList()) {
                if (NAME.matcher(folder.getFileName().toString()).matches()) {
                    removeIfLeft(folder);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("cannot look for left folders in {}: {}", ROOT, e.getMessage());
        }
    }

    private static void removeIfLeft(Path folder) {
        var lock = folder.resolve(LOCK);
        if (!Files.isWritable(lock)) {
            return;
        }
        try (var file = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            if (file.tryLock() != null) {
                remove(folder);
            }
        } catch (IOException | OverlappingFileLockException e) {
            LOG.debug("{} is in use: {}", folder, Reason.of(e, folder));
        }
    }

    private static void remove(Path folder) {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.warn("cannot remove {}: {}", folder, Reason.of(e, folder));
        }
    }
}
