package dev.tutti.proto.shared;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.v1.SharedMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two processes of one user share memory by names that no one else can guess or use. */
class SharedRunTest {
    private static final int FLOATS = 5000;

    private SharedRun run;

    @BeforeEach
    void create() throws IOException {
        assumeTrue(SharedRun.isAvailable(), "this system has no shared memory as files");
        run = SharedRun.create(0, FLOATS, Precision.FP32);
    }

    @AfterEach
    void close() throws IOException {
        run.close();
    }

    @Test
    void theWorkerReadsTheWeightsWhereTheCoordinatorWritesThem() throws IOException {
        var lane = SharedRun.join(run.open(0, 3).offer());
        for (var buffer = 0; buffer < 2; buffer++) {
            Floats.set(run.weights(buffer).floats(), FLOATS - 1, 2.5f + buffer);
            var seen = lane.weights(buffer).floats();
            assertThat(Floats.get(seen, FLOATS - 1)).isEqualTo(2.5f + buffer);
            assertThat(seen.isReadOnly()).isTrue();
        }
        assertThatThrownBy(() -> lane.weights(2)).isInstanceOf(WireException.class);
        assertThat(lane.vectorFloats()).isEqualTo(FLOATS);
    }

    @Test
    void aGradientIsHandedOverInPlaceAndComesBack() throws IOException {
        var coordinator = run.open(0, 1);
        var worker = SharedRun.join(coordinator.offer());
        var gradient = borrow(worker, Precision.FP32);
        Floats.set(gradient.floats(), 7, 1.5f);
        var index = worker.handOver(gradient);
        assertThatThrownBy(() -> borrow(worker, Precision.FP32))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("all 1 vectors of shared memory are in use");
        var taken = coordinator.handedOver(index, Precision.FP32);
        assertThat(Floats.get(taken.floats(), 7)).isEqualTo(1.5f);
        taken.release();
        assertThat(borrow(worker, Precision.FP32).floats().address())
                .isEqualTo(gradient.floats().address());
    }

    @Test
    void numbersOf16BitsStayWhatTheyAre() throws IOException {
        try (var halves = SharedRun.create(0, FLOATS, Precision.BF16)) {
            var coordinator = halves.open(0, 2);
            var worker = SharedRun.join(coordinator.offer());
            for (var buffer = 0; buffer < 2; buffer++) {
                var weights = halves.weights(buffer);
                assertThat(weights.count()).isEqualTo(FLOATS);
                weights.memory().setAtIndex(JAVA_SHORT, FLOATS - 1, (short) (7 + buffer));
                var seen = worker.weights(buffer).elements();
                assertThat(seen.precision()).isEqualTo(Precision.BF16);
                assertThat(seen.count()).isEqualTo(FLOATS);
                assertThat(seen.memory().getAtIndex(JAVA_SHORT, FLOATS - 1))
                        .isEqualTo((short) (7 + buffer));
            }
            var gradient = borrow(worker, Precision.BF16);
            assertThat(gradient.elements().count()).isEqualTo(FLOATS);
            gradient.elements().memory().setAtIndex(JAVA_SHORT, FLOATS - 1, (short) 3);
            var taken = coordinator.handedOver(worker.handOver(gradient), Precision.BF16);
            assertThat(taken.elements().precision()).isEqualTo(Precision.BF16);
            assertThat(taken.elements().memory().getAtIndex(JAVA_SHORT, FLOATS - 1))
                    .isEqualTo((short) 3);
            taken.release();
            // The same memory serves a sum of floats.
            assertThat(borrow(worker, Precision.FP32).floats().byteSize()).isEqualTo(4L * FLOATS);
        }
    }

    @Test
    void aGradientThatIsNotSentStaysTheWorkers() throws IOException {
        var worker = SharedRun.join(run.open(0, 1).offer());
        borrow(worker, Precision.FP32).release();
        assertThat(borrow(worker, Precision.FP32).floats().byteSize()).isEqualTo(4L * FLOATS);
    }

    /** Docker gives 64 MB: a gradient that has no room there is no reason to lose a worker. */
    @Test
    void aVectorThatTheHostHasNoMemoryForIsNotLentAndThoseBeforeItAre() throws IOException {
        var room = new AtomicInteger(1);
        var worker =
                SharedRun.join(
                        run.open(0, 3).offer(),
                        (_, _, _) -> {
                            if (room.decrementAndGet() < 0) {
                                throw new IOException("no space left");
                            }
                        });
        var gradient = borrow(worker, Precision.FP32);
        assertThat(worker.borrow(Precision.FP32)).isEmpty();
        assertThat(worker.holds(gradient)).isTrue();
        gradient.release();
        assertThat(worker.borrow(Precision.FP32)).isPresent();
        assertThat(worker.borrow(Precision.FP32)).isEmpty();
        assertThat(room).as("asked once more only").hasValue(-1);
        assertThat(worker.holds(Payload.of(gradient.floats()))).isFalse();
    }

    private static Payload borrow(WorkerLane worker, Precision precision) {
        return worker.borrow(precision).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"-1", "2", "1000000000"})
    void aVectorOutsideTheLaneIsRefused(int index) throws IOException {
        var coordinator = run.open(0, 2);
        assertThatThrownBy(() -> coordinator.handedOver(index, Precision.FP32))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("the process has 2");
    }

    @Test
    void aVectorCannotBeTakenBeforeItIsHandedOverNorTwice() throws IOException {
        var coordinator = run.open(0, 2);
        var worker = SharedRun.join(coordinator.offer());
        assertThatThrownBy(() -> coordinator.handedOver(0, Precision.FP32))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("was not handed over");
        var index = worker.handOver(borrow(worker, Precision.FP32));
        coordinator.handedOver(index, Precision.FP32);
        assertThatThrownBy(() -> coordinator.handedOver(index, Precision.FP32))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("was not handed over");
    }

    @Test
    void messagesGoBothWays() throws IOException {
        var coordinator = run.open(0, 1);
        var worker = SharedRun.join(coordinator.offer());
        worker.write(new byte[] {1, 2});
        coordinator.write(new byte[] {3});
        assertThat(coordinator.read()).containsExactly(1, 2);
        assertThat(worker.read()).containsExactly(3);
        assertThat(worker.read()).isNull();
    }

    @Test
    void theMemoryOfAClosedLaneStaysUntilItsGradientsAreReleased() throws IOException {
        var coordinator = run.open(0, 1);
        var worker = SharedRun.join(coordinator.offer());
        var taken =
                coordinator.handedOver(
                        worker.handOver(borrow(worker, Precision.FP32)), Precision.FP32);
        coordinator.close();
        assertThat(Floats.get(taken.floats(), 0)).isZero();
        taken.release();
        assertThat(taken.floats().scope().isAlive()).isFalse();
    }

    @Test
    void aHiddenLaneCannotBeJoined() throws IOException {
        var coordinator = run.open(0, 1);
        coordinator.hide();
        assertThatThrownBy(() -> SharedRun.join(coordinator.offer()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void onlyTheUserMayEnter() throws IOException {
        run.open(0, 1);
        var folder = folderOf(run.open(1, 1).offer());
        assertThat(permissions(folder)).isEqualTo("rwx------");
        try (var files = Files.list(folder)) {
            assertThat(files.map(SharedRunTest::permissions)).hasSize(5).containsOnly("rw-------");
        }
    }

    @Test
    void nothingIsLeftAfterTheRun() throws IOException {
        var folder = folderOf(run.open(0, 1).offer());
        run.close();
        assertThat(folder).doesNotExist();
    }

    @Test
    void whatAKilledCoordinatorLeftIsRemovedByTheNext() throws IOException {
        var left = Files.createDirectory(SharedRun.ROOT.resolve("tutti-" + "0".repeat(31) + "e"));
        Files.createFile(left.resolve("lock"));
        Files.createFile(left.resolve("weights"));
        SharedRun.create(0, 1, Precision.FP32).close();
        assertThat(left).doesNotExist();
        assertThat(folderOf(run.open(0, 1).offer())).isDirectory();
    }

    @ParameterizedTest
    @CsvSource({
        "../../etc, lane-0",
        "/etc, lane-0",
        "tutti-0, lane-0",
        "own, ../weights",
        "own, weights",
        "own, lane-0/../../x"
    })
    void aNameThatNoCoordinatorGivesIsNotLookedAt(String name, String lane) throws IOException {
        var offer = run.open(0, 1).offer();
        var forged =
                offer.toBuilder()
                        .setRun(name.equals("own") ? offer.getRun() : name)
                        .setLane(lane)
                        .build();
        assertThatThrownBy(() -> SharedRun.join(forged))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("an invalid name");
    }

    @Test
    void sizesThatDoNotFitAreRefused() throws IOException {
        var offer = run.open(0, 2).offer();
        assertRefused(offer.toBuilder().setVectors(3).build(), "not as large as it says");
        assertRefused(
                offer.toBuilder().setVectorFloats(FLOATS * 1000L).build(),
                "not as large as it says");
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        var offer = run.open(0, 1).offer();
        var lane = folderOf(offer).resolve("lane-7");
        Files.createSymbolicLink(lane, folderOf(offer).resolve("lane-0"));
        assertThatThrownBy(() -> SharedRun.join(offer.toBuilder().setLane("lane-7").build()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void onAnotherHostTheMemoryIsNotThere() throws IOException {
        var offer = run.open(0, 1).offer();
        assertRefused(
                offer.toBuilder().setRun("tutti-" + "f".repeat(32)).build(), "not on this host");
    }

    private static void assertRefused(SharedMemory offer, String why) {
        assertThatThrownBy(() -> SharedRun.join(offer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    private static Path folderOf(SharedMemory offer) {
        return SharedRun.ROOT.resolve(offer.getRun());
    }

    private static String permissions(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
