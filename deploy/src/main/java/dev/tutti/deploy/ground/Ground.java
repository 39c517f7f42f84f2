package dev.tutti.deploy.ground;

import dev.tutti.proto.shared.SharedRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a process found before it begins.
 *
 * @param memory of the machine or the control group
 * @param jvm what this JVM allows outside its heap
 * @param sharedMemory bytes that can be had in shared memory, if there is any
 * @param disk where the run's files go
 * @param openFiles of this process
 */
public record Ground(
        Optional<Memory> memory,
        JvmMemory jvm,
        Optional<Long> sharedMemory,
        Optional<Disk> disk,
        Optional<OpenFiles> openFiles) {
    /**
     * Looks.
     *
     * @param files where files will be written
     * @param need bytes of memory outside the heap of a JVM
     */
    public static Ground look(Path files, long need) {
        return new Ground(
                Memory.look(), JvmMemory.look(need), shared(), Disk.look(files), OpenFiles.look());
    }

    private static Optional<Long> shared() {
        try {
            return SharedRun.isAvailable() ? Optional.of(SharedRun.room()) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
