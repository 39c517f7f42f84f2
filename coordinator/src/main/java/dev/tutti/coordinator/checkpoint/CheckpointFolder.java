package dev.tutti.coordinator.checkpoint;

import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.common.format.FormatException;
import dev.tutti.coordinator.file.Disk;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The checkpoints of a run: {@code checkpoints/step-1200.safetensors}, the newest few. */
final class CheckpointFolder {
    private static final String NAME = "checkpoints";
    private static final String DAMAGED = ".damaged";
    private static final Pattern FILE = Pattern.compile("step-(\\d{1,18})\\.safetensors");

    private final Path folder;
    private final Disk disk;

    CheckpointFolder(Path run, Disk disk) {
        this.folder = run.resolve(NAME);
        this.disk = disk;
    }

    /** What a search found: the newest one that is whole, and newer ones that are not. */
    record Search(Optional<Whole> newest, List<Damaged> damaged) {}

    /** A checkpoint that is whole. */
    record Whole(Path file, Checkpoint checkpoint) {}

    /** A checkpoint that is not whole. */
    record Damaged(Path file, String reason) {}

    /** Adds a checkpoint; only then do the oldest go. */
    Path write(Checkpoint checkpoint, int kept) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
        var file = fileIn(folder, checkpoint);
        disk.replace(file, checkpoint.write());
        var files = newestFirst();
        for (var old : files.subList(Math.min(kept, files.size()), files.size())) {
            Files.delete(old);
        }
        return file;
    }

    /** Returns where a checkpoint of a run is. */
    static Path file(Path run, Checkpoint checkpoint) {
        return fileIn(run.resolve(NAME), checkpoint);
    }

    private static Path fileIn(Path folder, Checkpoint checkpoint) {
        var step = checkpoint.position().next().step();
        return folder.resolve("step-%d.safetensors".formatted(step));
    }

    /** Looks for the newest checkpoint that is whole. */
    Search search() throws IOException {
        var damaged = new ArrayList<Damaged>();
        for (var file : newestFirst()) {
            try (var arena = Arena.ofConfined();
                    var channel = FileChannel.open(file)) {
                var bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
                var whole = new Whole(file, Checkpoint.read(bytes));
                return new Search(Optional.of(whole), List.copyOf(damaged));
            } catch (FormatException | IOException e) {
                damaged.add(new Damaged(file, String.valueOf(e.getMessage())));
            }
        }
        return new Search(Optional.empty(), List.copyOf(damaged));
    }

    /**
     * Prepares the folder for going on: what is damaged is put aside, so that it does not count
     * among those kept, and what a crash left half-written goes.
     */
    void tidy(List<Damaged> damaged) throws IOException {
        for (var file : damaged) {
            Files.move(
                    file.file(),
                    file.file().resolveSibling(file.file().getFileName() + DAMAGED),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        try (var files = Files.newDirectoryStream(folder, "*" + Disk.PARTIAL)) {
            for (var file : files) {
                Files.delete(file);
            }
        }
    }

    private List<Path> newestFirst() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        var found = new ArrayList<Path>();
        try (var files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                if (FILE.matcher(file.getFileName().toString()).matches()) {
                    found.add(file);
                }
            }
        }
        found.sort(Comparator.comparingLong(CheckpointFolder::step).reversed());
        return found;
    }

    private static long step(Path file) {
        var matcher = FILE.matcher(file.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }
}
