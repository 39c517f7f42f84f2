package dev.tutti.coordinator.checkpoint;

import dev.tutti.coordinator.file.Disk;
import dev.tutti.coordinator.file.NewFolder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What happens to a run's results and to its last checkpoint if its folder cannot take them.
 *
 * @param rescue a folder on another disk, that takes them then
 * @param patience how long to try again where there is none, or that is full too
 * @param configuration the text of the run's configuration file, without which no run goes on
 */
public record Safekeeping(Optional<Path> rescue, Duration patience, String configuration) {
    /** The name of a run's configuration file. */
    public static final String CONFIGURATION = "run.conf";

    /** Nothing is kept elsewhere, and nothing is waited for. */
    public static final Safekeeping NONE = new Safekeeping(Optional.empty(), Duration.ZERO, "");

    /** How long a run that is stopped tries to write its last checkpoint, if not shorter. */
    private static final Duration AT_STOP_MAX = Duration.ofSeconds(30);

    /** Returns how long a run that is stopped tries: somebody waits for it to end. */
    public Duration patienceAtStop() {
        return patience.compareTo(AT_STOP_MAX) < 0 ? patience : AT_STOP_MAX;
    }

    /** Makes a new folder for a run among those rescued. */
    public Path makePlace(Path run) throws IOException {
        var name = run.toAbsolutePath().normalize().getFileName();
        return NewFolder.make(rescue.orElseThrow().resolve(name == null ? "run" : name.toString()));
    }

    /** Writes the configuration file into a folder that does not have it. */
    public void keepConfiguration(Path folder, Disk disk) throws IOException {
        var file = folder.resolve(CONFIGURATION);
        if (!configuration.isEmpty() && !Files.exists(file)) {
            disk.replace(
                    file,
                    List.of(MemorySegment.ofArray(configuration.getBytes(StandardCharsets.UTF_8))));
        }
    }
}
