package dev.tutti.worker.data.image;

import dev.tutti.common.data.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Folders of images, one for each class, perhaps below {@code train} and {@code test}. All names
 * are in the order of their Unicode code points, in any file system.
 *
 * @param train images to train on
 * @param test images of the own test set, or none
 * @param classes names of the folders to train on
 * @param leftOut what is beside the images
 */
public record ClassFolders(
        List<Image> train, List<Image> test, List<String> classes, List<Path> leftOut) {
    private static final List<String> TRAINS = List.of("train", "training");
    private static final List<String> TESTS =
            List.of("test", "testing", "val", "valid", "validation");

    /** What systems put into folders. */
    private static final Set<String> LITTER = Set.of("thumbs.db", "desktop.ini", "__macosx");

    private static final int DEPTH_MAX = 8;

    private static final Comparator<Path> BY_NAME =
            (a, b) -> Arrays.compareUnsigned(bytes(a), bytes(b));

    /**
     * An image.
     *
     * @param folder the name of its class
     */
    public record Image(Path path, String folder) {}

    /** Copies the lists. */
    public ClassFolders {
        train = List.copyOf(train);
        test = List.copyOf(test);
        classes = List.copyOf(classes);
        leftOut = List.copyOf(leftOut);
    }

    /** Tells whether a place is a folder with folders in it. */
    public static boolean areIn(Path root) {
        try {
            return Files.isDirectory(root) && !folders(root).isEmpty();
        } catch (IOException _) {
            return false;
        }
    }

    /**
     * Lists the images below a folder.
     *
     * @throws DataException if there are none, or images in a form that is not read
     */
    public static ClassFolders of(Path root) throws IOException {
        var leftOut = new ArrayList<Path>();
        var train = named(root, TRAINS);
        var test = train.isPresent() ? named(root, TESTS) : Optional.<Path>empty();
        if (train.isPresent()) {
            folders(root).stream()
                    .filter(folder -> !folder.equals(train.get()))
                    .filter(folder -> !test.equals(Optional.of(folder)))
                    .forEach(leftOut::add);
        }
        var images = images(train.orElse(root), leftOut);
        var classes = images.stream().map(Image::folder).distinct().toList();
        return new ClassFolders(
                images,
                test.isPresent() ? images(test.get(), leftOut) : List.of(),
                classes,
                leftOut);
    }

    /** Tells whether a place is an image, or a folder with images in it. */
    public static boolean areSamplesIn(Path place) {
        try {
            return PictureFile.isNamedSo(place)
                    || (Files.isDirectory(place)
                            && (!folders(place).isEmpty()
                                    || files(place).stream().anyMatch(PictureFile::isNamedSo)));
        } catch (IOException _) {
            return false;
        }
    }

    /**
     * Lists new images, whose classes nobody knows: an image itself, or all those below a folder,
     * in the order of their paths. Of a folder with {@code train} and {@code test} in it, those of
     * the test set are listed.
     *
     * @throws DataException if there are none, or images in a form that is not read
     */
    public static List<Path> samples(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return List.of(place);
        }
        var train = named(place, TRAINS);
        var root = train.isPresent() ? named(place, TESTS).or(() -> train).orElseThrow() : place;
        var images = new ArrayList<Path>();
        for (var file : files(root)) {
            if (isImage(file)) {
                images.add(file);
            }
        }
        if (images.isEmpty()) {
            throw noImages(root);
        }
        return images;
    }

    private static boolean isImage(Path file) {
        if (PictureFile.isOfOtherForm(file)) {
            throw new DataException(
                    file + ": expected an image in PNG, JPEG, BMP or GIF form: convert it");
        }
        return PictureFile.isNamedSo(file);
    }

    private static DataException noImages(Path folder) {
        return new DataException(
                "folder %s: expected images in PNG, JPEG, BMP or GIF form, found none"
                        .formatted(folder));
    }

    private static Optional<Path> named(Path root, List<String> names) throws IOException {
        var folders = folders(root);
        return names.stream()
                .flatMap(name ->
                        folders.stream()
                                .filter(folder ->
                                        nameOf(folder).toLowerCase(Locale.ROOT).equals(name)))
                .findFirst();
    }

    private static List<Image> images(Path place, List<Path> leftOut) throws IOException {
        var images = new ArrayList<Image>();
        for (var folder : folders(place)) {
            var before = images.size();
            for (var file : files(folder)) {
                if (isImage(file)) {
                    images.add(new Image(file, nameOf(folder)));
                } else {
                    leftOut.add(file);
                }
            }
            if (images.size() == before) {
                throw noImages(folder);
            }
        }
        if (images.isEmpty()) {
            throw new DataException(
                    "folder %s: expected a folder of images for each class, found none"
                            .formatted(place));
        }
        return images;
    }

    private static List<Path> folders(Path place) throws IOException {
        try (var all = Files.list(place)) {
            return all.filter(path -> !isLitter(path) && Files.isDirectory(path))
                    .sorted(BY_NAME)
                    .toList();
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var all = Files.walk(folder, DEPTH_MAX)) {
            return all.filter(path -> !isLitter(path) && Files.isRegularFile(path))
                    .sorted(BY_NAME)
                    .toList();
        }
    }

    private static boolean isLitter(Path path) {
        var name = nameOf(path).toLowerCase(Locale.ROOT);
        return name.startsWith(".") || LITTER.contains(name);
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static byte[] bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8);
    }
}
