package dev.tutti.worker.data.folder;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.image.ClassFolders;
import dev.tutti.worker.data.image.Pictures;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.SourceFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder with a folder of images for each class: {@code photos}, or {@code photos@32x32} for
 * images of different sizes, which become 32 rows of 32 columns. Samples are channels × rows ×
 * columns; the channel is one if all images are stored as grey.
 *
 * @param remarks learns in one line each what was decided
 */
public record ImageFolder(Consumer<String> remarks) implements DataSource {
    private static final Pattern RESIZED = Pattern.compile("(.+)@([1-9]\\d{0,3})x([1-9]\\d{0,3})");
    private static final int SHOWN_MAX = 3;

    /** What new images call the column of their paths. */
    private static final String FILE = "file";

    @Override
    public String description() {
        return "a folder with a folder of images for each class, FOLDER or FOLDER@ROWSxCOLUMNS";
    }

    @Override
    public boolean accepts(String source) {
        return ClassFolders.areIn(Place.of(source).folder());
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.requireNoColumns();
        var place = Place.of(options.source());
        try (var temporary = Arena.ofConfined()) {
            var folders = ClassFolders.of(place.folder());
            var pictures =
                    new Pictures(Pictures.Form.of(options.sample()).with(place.size()), temporary);
            var images = Stream.concat(folders.train().stream(), folders.test().stream()).toList();
            var classes = options.classes().isEmpty() ? folders.classes() : options.classes();
            var labels = labels(images, classes, arena);
            for (var image : images) {
                pictures.add(image.path(), place.remedy());
            }
            pictures.resized().ifPresent(size -> tellResized(place, size));
            tell(place, folders);
            return new Dataset(
                    DataOptions.nameOf(place.folder()),
                    pictures.sample(),
                    images.size(),
                    folders.test().size(),
                    List.of(),
                    new Features.Bytes(pictures.toBytes(arena)),
                    new Targets.Labels(classes, labels));
        } catch (IOException e) {
            throw new SourceFile(place.folder()).refused(e);
        }
    }

    @Override
    public boolean acceptsSamples(String source) {
        return ClassFolders.areSamplesIn(Place.of(source).folder());
    }

    /** Reads images without classes; the one column that they have is {@code file}. */
    @Override
    public NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        options.requireNoText();
        requireKnown(options, keep);
        var place = Place.of(options.source());
        try (var temporary = Arena.ofConfined()) {
            var images = ClassFolders.samples(place.folder());
            var pictures =
                    new Pictures(Pictures.Form.of(options.sample()).with(place.size()), temporary);
            for (var image : images) {
                pictures.add(image, place.remedy());
            }
            pictures.resized().ifPresent(size -> tellResized(place, size));
            var features = new Features.Bytes(pictures.toBytes(arena));
            var name = place.folder().toString();
            var samples =
                    NewSamples.of(name, pictures.sample(), images.size(), features, options, arena);
            return keep.isEmpty()
                    ? samples
                    : samples.keeping(
                            images.stream().map(path -> List.of(path.toString())).toList());
        } catch (IOException e) {
            throw new SourceFile(place.folder()).refused(e);
        }
    }

    private static void requireKnown(DataOptions options, List<String> keep) {
        if (!keep.isEmpty() && !keep.equals(List.of(FILE))) {
            throw new DataException(
                    "data \"%s\" is images, whose one column is \"%s\": give --keep %s, or leave out --keep"
                            .formatted(options.source(), FILE, FILE));
        }
    }

    /**
     * What the text of a source says.
     *
     * @param size that images get; none to leave them as they are
     */
    private record Place(Path folder, Optional<Pictures.Size> size) {
        static Place of(String source) {
            var text = RESIZED.matcher(source);
            if (Files.exists(Path.of(source)) || !text.matches()) {
                return new Place(Path.of(source), Optional.empty());
            }
            var size =
                    new Pictures.Size(
                            Integer.parseInt(text.group(2)), Integer.parseInt(text.group(3)));
            return new Place(Path.of(text.group(1)), Optional.of(size));
        }

        String remedy() {
            return "give --data %s@ROWSxCOLUMNS, such as %s@32x32, to resize all images"
                    .formatted(folder, folder);
        }
    }

    private static MemorySegment labels(
            List<ClassFolders.Image> images, List<String> classes, Arena arena) {
        var labels = arena.allocate((long) images.size() * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        for (var row = 0; row < images.size(); row++) {
            var label = classes.indexOf(images.get(row).folder());
            if (label < 0) {
                throw new DataException(
                        "%s: its folder is none of the classes %s"
                                .formatted(images.get(row).path(), String.join(", ", classes)));
            }
            labels.setAtIndex(JAVA_INT, row, label);
        }
        return labels;
    }

    private void tellResized(Place place, Pictures.Size size) {
        remark(place, "all images were resized to " + size);
    }

    private void tell(Place place, ClassFolders folders) {
        var leftOut = folders.leftOut();
        if (!leftOut.isEmpty()) {
            remark(
                    place,
                    "left out, as no images of a class: %s%s"
                            .formatted(
                                    leftOut.stream()
                                            .limit(SHOWN_MAX)
                                            .map(Path::toString)
                                            .collect(Collectors.joining(", ")),
                                    leftOut.size() > SHOWN_MAX
                                            ? " and %d others".formatted(leftOut.size() - SHOWN_MAX)
                                            : ""));
        }
    }

    private void remark(Place place, String words) {
        remarks.accept("%s: %s".formatted(place.folder(), words));
    }
}
