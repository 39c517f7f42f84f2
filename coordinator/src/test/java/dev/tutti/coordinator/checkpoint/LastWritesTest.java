package dev.tutti.coordinator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may not be lost: it waits for room, goes elsewhere, or says that it is lost. */
class LastWritesTest {
    private static final String FULL = "No space left on device";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path folder;

    private final List<String> said = new ArrayList<>();
    private final CountDownLatch givenUp = new CountDownLatch(1);
    private long nanos;
    private int pauses;
    private Runnable afterPause = () -> {};

    @Test
    void aDiskThatHasRoomAgainGetsTheFileAndTheWaitIsToldOnce() throws IOException {
        var writes = writes(Optional.empty());

        var place = writes.write("the results", PATIENCE, full(3, run()));

        assertThat(place).isEqualTo(run());
        assertThat(pauses).isEqualTo(3);
        assertThat(said)
                .containsExactly(
                        "cannot write the results: " + FULL + "; trying again for 60 s: make room",
                        "there is room again: the results have been written");
    }

    @Test
    void aDiskThatStaysFullFailsAfterTheStatedTime() {
        var writes = writes(Optional.empty());

        assertThatThrownBy(() -> writes.write("the results", PATIENCE, full(1000, run())))
                .isInstanceOf(IOException.class)
                .hasMessage(FULL);
        assertThat(pauses).isEqualTo(60);
        assertThat(said).hasSize(1);
    }

    @Test
    void givingUpEndsTheWaitAfterOneMoreAttempt() {
        var writes = writes(Optional.empty());
        afterPause =
                () -> {
                    if (pauses == 5) {
                        writes.giveUp();
                    }
                };

        assertThatThrownBy(() -> writes.write("the results", PATIENCE, full(1000, run())))
                .hasMessage(FULL);
        assertThat(pauses).isEqualTo(5);
    }

    @Test
    void theUsersFolderTakesWhatTheRunsCannotWithoutAWait() throws IOException {
        var writes = writes(Optional.of(folder.resolve("rescue")));

        var place = writes.write("the results", PATIENCE, full(1000, run()));

        assertThat(place).isEqualTo(folder.resolve("rescue").resolve("run"));
        assertThat(place.resolve("file")).hasContent("whole");
        assertThat(pauses).isZero();
        assertThat(writes.rescued()).contains(place);
        assertThat(said).singleElement().asString().contains(FULL).contains(place.toString());
    }

    @Test
    void aUsersFolderWithAnotherRunOfThatNameKeepsIt() throws IOException {
        Files.createDirectories(folder.resolve("rescue").resolve("run"));
        var writes = writes(Optional.of(folder.resolve("rescue")));

        var place = writes.write("the results", PATIENCE, full(1000, run()));

        assertThat(place).isEqualTo(folder.resolve("rescue").resolve("run-2"));
    }

    @Test
    void aUsersFolderThatIsFullTooIsWaitedForAndBothReasonsAreTold() throws IOException {
        var writes = writes(Optional.of(folder.resolve("rescue")));
        var attempts = new int[1];

        var place =
                writes.write(
                        "the results",
                        PATIENCE,
                        into -> {
                            if (++attempts[0] < 6) {
                                throw new IOException(into.equals(run()) ? FULL : "quota exceeded");
                            }
                            write(into);
                        });

        assertThat(place).isEqualTo(folder.resolve("rescue").resolve("run"));
        assertThat(said.getFirst()).contains(FULL).contains("quota exceeded").contains("60 s");
    }

    @Test
    void anExceptionWhoseMessageIsAPathIsNamed() {
        var writes = writes(Optional.empty());

        assertThatThrownBy(() ->
                        writes.write(
                                "the results",
                                Duration.ZERO,
                                _ -> {
                                    throw new NoSuchFileException("/gone/a");
                                }))
                .hasMessage("/gone/a: there is no such file");
        assertThat(said).isEmpty();
    }

    private Path run() {
        return folder.resolve("run");
    }

    private LastWrites writes(Optional<Path> rescue) {
        return new LastWrites(
                new Safekeeping(rescue, PATIENCE, ""),
                run(),
                said::add,
                () -> nanos,
                time -> {
                    nanos += time.toNanos();
                    pauses++;
                    afterPause.run();
                },
                givenUp);
    }

    /** Returns a write that one folder refuses so many times. */
    private static LastWrites.Write full(int times, Path refusing) {
        var attempts = new int[1];
        return into -> {
            if (into.equals(refusing) && attempts[0]++ < times) {
                throw new IOException(FULL);
            }
            write(into);
        };
    }

    private static void write(Path into) throws IOException {
        Files.createDirectories(into);
        Files.writeString(into.resolve("file"), "whole");
    }
}
