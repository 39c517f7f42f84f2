package dev.tutti.deploy.option;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.Normalizer;

/** The text that {@code --data} takes: a name such as digits, or a path. */
public final class DataName {
    private static final int FOLDER_CHARACTERS_MAX = 60;
    private static final String NAMELESS = "data";

    private DataName() {}

    /**
     * Returns the part of a run folder's name that says what the data is: the last part of a path
     * without its ending, in letters, digits, underscores and single dashes of ASCII, so that any
     * shell and any file system takes it.
     */
    public static String forFolder(String data) {
        var last = data.replaceFirst("^([a-z0-9-]+)\\(.*\\)$", "$1").replaceFirst("[/\\\\]+$", "");
        last = last.substring(Math.max(last.lastIndexOf('/'), last.lastIndexOf('\\')) + 1);
        var plain =
                withoutAccents(last.replaceFirst("(?<=.)\\..*$", ""))
                        .replaceAll("[^A-Za-z0-9_]+", "-");
        var cut = plain.substring(0, Math.min(FOLDER_CHARACTERS_MAX, plain.length()));
        var name = cut.replaceAll("^-+|-+$", "");
        return name.isEmpty() ? NAMELESS : name;
    }

    private static String withoutAccents(String text) {
        // Most names have none, and the tables of characters take some milliseconds to load.
        return text.chars().allMatch(character -> character < 128)
                ? text
                : Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{M}+", "");
    }

    /**
     * Returns the text in a form that means the same in any folder: a path from the root on. A path
     * may end with words that belong to no file's name, such as {@code photos@32x32}.
     */
    static String anywhere(String data) {
        try {
            var path = Path.of(data);
            var place = Path.of(data.replaceFirst("(?<=.)@\\d+x\\d+$", ""));
            var exists = Files.exists(path) || Files.exists(place) || hasFolder(path);
            return exists ? path.toAbsolutePath().normalize().toString() : data;
        } catch (InvalidPathException _) {
            return data;
        }
    }

    private static boolean hasFolder(Path path) {
        var parent = path.getParent();
        return parent != null && Files.isDirectory(parent);
    }
}
