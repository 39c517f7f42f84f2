package dev.tutti.worker.data.image;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.tutti.common.data.DataException;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Images of one size while they are read: whether all are grey is known at the end only. */
public final class Pictures {
    /**
     * Rows and columns of an image.
     *
     * @param rows at least 1
     * @param columns at least 1
     */
    public record Size(int rows, int columns) {
        /** Returns how a size is written behind the name of a folder. */
        @Override
        public String toString() {
            return "%dx%d".formatted(rows, columns);
        }

        static Size of(Picture picture) {
            return new Size(picture.rows(), picture.columns());
        }
    }

    /**
     * What images become.
     *
     * @param size that they get; none if they must have one
     * @param colours whether they have three channels even if all are stored as grey
     */
    public record Form(Optional<Size> size, boolean colours) {
        /** Returns the form of a model's samples; those that are no images say nothing. */
        public static Form of(Optional<Shape> sample) {
            var images = sample.filter(shape -> shape.rank() == RANK);
            return new Form(
                    images.map(shape -> new Size(shape.extent(1), shape.extent(2))),
                    images.filter(shape -> shape.extent(0) == Picture.COLOURS).isPresent());
        }

        /** Returns this form with a size that the user gives. */
        public Form with(Optional<Size> given) {
            return new Form(given.or(this::size), colours);
        }
    }

    private static final int RANK = 3;

    private final Form form;
    private final Arena arena;
    private final List<MemorySegment> pixels = new ArrayList<>(); // channels × rows × columns each
    private Optional<Path> first = Optional.empty();
    private Size size = new Size(1, 1);
    private boolean grey;
    private boolean resized;

    /**
     * Makes an empty collection.
     *
     * @param arena for their pixels while they are read
     */
    public Pictures(Form form, Arena arena) {
        this.form = form;
        this.arena = arena;
        this.grey = !form.colours();
    }

    /**
     * Reads an image.
     *
     * @param remedy what the user can do about images of two sizes
     * @throws DataException if it is damaged, or of another size than those before it
     */
    public void add(Path path, String remedy) throws IOException {
        var found = new PictureFile(path).read();
        var picture = form.size().map(to -> found.resized(to.rows(), to.columns())).orElse(found);
        resized |= picture != found;
        if (first.isEmpty()) {
            first = Optional.of(path);
            size = Size.of(picture);
        }
        if (!Size.of(picture).equals(size)) {
            throw new DataException(
                    "%s: an image of %s was found, but %s is %s: %s"
                            .formatted(path, Size.of(picture), first.get(), size, remedy));
        }
        grey &= picture.grey();
        var segment = arena.allocate(picture.pixels().length);
        MemorySegment.copy(picture.pixels(), 0, segment, JAVA_BYTE, 0, picture.pixels().length);
        pixels.add(segment);
    }

    /** Returns the size that images got, if one had another. */
    public Optional<Size> resized() {
        return resized ? form.size() : Optional.empty();
    }

    /** Returns the shape of one: one channel if all are grey, or else three. */
    public Shape sample() {
        return Shape.of(grey ? Picture.GREY : Picture.COLOURS, size.rows(), size.columns());
    }

    /** Returns all pixels; a grey one among colours has them three times. */
    public MemorySegment toBytes(Arena out) {
        var width = sample().size();
        var bytes = out.allocate((long) pixels.size() * width, Floats.ALIGNMENT_BYTES);
        for (var i = 0; i < pixels.size(); i++) {
            var from = pixels.get(i);
            for (var at = 0L; at < width; at += from.byteSize()) {
                MemorySegment.copy(from, 0, bytes, (long) i * width + at, from.byteSize());
            }
        }
        return bytes;
    }
}
