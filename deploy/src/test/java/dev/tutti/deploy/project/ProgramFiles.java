package dev.tutti.deploy.project;

import dev.tutti.deploy.support.CommandProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A copy of this project's own classes, which a test may damage under a program that runs.
 *
 * @param copies of folders or archives
 * @param others what else is on the class path
 */
public record ProgramFiles(List<Path> copies, List<Path> others) {
    /** Copies the classes of all modules. */
    public static ProgramFiles copied(Path to) throws IOException {
        var copies = new ArrayList<Path>();
        var others = new ArrayList<Path>();
        for (var entry : CommandProcess.classPath().split(File.pathSeparator, -1)) {
            var path = Path.of(entry);
            if (entry.contains(File.separator + "target" + File.separator)) {
                copies.add(copy(path, to.resolve(copies.size() + "-" + path.getFileName())));
            } else {
                others.add(path);
            }
        }
        return new ProgramFiles(copies, others);
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        return to;
    }

    public String classPath() {
        var all = new ArrayList<>(copies);
        all.addAll(others);
        return all.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /** Removes folders, and writes over archives, which an open file would outlive. */
    public void damage() throws IOException {
        for (var copy : copies) {
            if (Files.isDirectory(copy)) {
                remove(copy);
            } else {
                Files.write(copy, new byte[(int) Files.size(copy)]);
            }
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
