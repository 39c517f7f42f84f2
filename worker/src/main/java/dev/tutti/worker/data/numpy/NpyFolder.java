package dev.tutti.worker.data.numpy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The files {@code .npy} of a folder, of which one was named.
 *
 * @param named the name of that one, without its ending
 * @param ending of all of them
 */
public record NpyFolder(Path folder, String named, String ending) implements ArrayStore {
    /** Returns the folder of this file. */
    public static NpyFolder of(Path file) {
        var name = String.valueOf(file.getFileName());
        var at = name.lastIndexOf('.');
        return new NpyFolder(
                file.toAbsolutePath().resolveSibling(""),
                name.substring(0, at),
                name.substring(at));
    }

    @Override
    public List<String> names() {
        return List.of(named);
    }

    @Override
    public boolean has(String name) {
        return Files.isRegularFile(file(name));
    }

    @Override
    public NpyArray array(String name) throws IOException {
        return NpyArray.of(name, file(name));
    }

    @Override
    public void close() {
        // Nothing stays open between two arrays.
    }

    private Path file(String name) {
        return folder.resolve(name + ending);
    }
}
