package dev.tutti.worker.data.image;

import dev.tutti.common.data.DataException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** A file with an image in PNG, JPEG, BMP or GIF form; of a moving one the first image is taken. */
public record PictureFile(Path path) {
    private static final Set<String> FORMS = Set.of("png", "jpeg", "bmp", "gif");

    /** Endings of files that are taken for images. */
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "bmp", "gif");

    /** Endings of images in forms that are not read. */
    private static final Set<String> OTHERS = Set.of("webp", "tif", "tiff", "heic", "avif", "svg");

    /** No form packs more pixels of one bit into a byte than deflate's 1032 bytes hold. */
    private static final long PIXELS_A_BYTE_MAX = 8 * 1032;

    private static final int PIXELS_MAX = 1 << 26;
    private static final int BYTE_MAX = 255;

    /** Words of a decoder's warnings after which pixels are wrong or missing. */
    private static final List<String> DAMAGE =
            List.of("truncated", "premature", "corrupt", "huffman", "unexpected", "invalid");

    /** Tells by the name whether a file is taken for an image. */
    static boolean isNamedSo(Path path) {
        return ENDINGS.contains(ending(path));
    }

    /** Tells by the name whether a file is an image in a form that is not read. */
    static boolean isOfOtherForm(Path path) {
        return OTHERS.contains(ending(path));
    }

    private static String ending(Path path) {
        var name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /**
     * Decodes the image. Transparency is left out.
     *
     * @throws DataException if it is none, or damaged
     */
    public Picture read() throws IOException {
        try (var stream = new MemoryCacheImageInputStream(Files.newInputStream(path))) {
            var reader =
                    reader(ImageIO.getImageReaders(stream))
                            .orElseThrow(
                                    () -> refused("it is no image in PNG, JPEG, BMP or GIF form"));
            var warnings = new ArrayList<String>();
            try {
                reader.addIIOReadWarningListener((_, warning) -> warnings.add(warning));
                reader.setInput(stream, true, true);
                requireSize(reader.getWidth(0), reader.getHeight(0));
                var picture = picture(reader.read(0));
                requireWhole(warnings);
                return picture;
            } catch (DataException e) {
                throw e;
            } catch (RuntimeException | IOException e) {
                // Decoders fail in many ways at damaged files.
                throw refused("the image is damaged, or of a kind that is not read", e);
            } finally {
                reader.dispose();
            }
        }
    }

    private static Optional<ImageReader> reader(Iterator<ImageReader> readers) throws IOException {
        while (readers.hasNext()) {
            var reader = readers.next();
            if (FORMS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
                return Optional.of(reader);
            }
        }
        return Optional.empty();
    }

    /** Refuses a damaged size before memory is allocated for it. */
    private void requireSize(int columns, int rows) throws IOException {
        var pixels = (long) columns * rows;
        if (pixels > PIXELS_MAX || pixels > PIXELS_A_BYTE_MAX * Files.size(path)) {
            throw refused(
                    "an image of %d×%d was found in %d bytes, expected at most %d pixels: it is damaged, or too large"
                            .formatted(rows, columns, Files.size(path), PIXELS_MAX));
        }
    }

    private void requireWhole(List<String> warnings) {
        warnings.stream()
                .filter(warning -> {
                    var words = warning.toLowerCase(Locale.ROOT);
                    return DAMAGE.stream().anyMatch(words::contains) && !words.contains("profile");
                })
                .findFirst()
                .ifPresent(warning -> {
                    throw refused("the image is damaged (%s)".formatted(warning));
                });
    }

    private Picture picture(BufferedImage image) {
        if (image.getColorModel() instanceof IndexColorModel palette) {
            return ofPalette(image, palette);
        }
        var space = image.getColorModel().getColorSpace().getType();
        if (space != ColorSpace.TYPE_RGB && space != ColorSpace.TYPE_GRAY) {
            throw refused("its colours are neither grey nor red, green and blue");
        }
        // Samples as they are stored: Java's own conversion makes grey images lighter.
        var channels = space == ColorSpace.TYPE_GRAY ? Picture.GREY : Picture.COLOURS;
        var rows = image.getHeight();
        var columns = image.getWidth();
        var pixels = new byte[channels * rows * columns];
        var samples = new int[columns];
        for (var channel = 0; channel < channels; channel++) {
            var max = (1 << image.getColorModel().getComponentSize(channel)) - 1;
            for (var row = 0; row < rows; row++) {
                image.getRaster().getSamples(0, row, columns, 1, channel, samples);
                for (var column = 0; column < columns; column++) {
                    pixels[(channel * rows + row) * columns + column] =
                            (byte) ((2L * samples[column] * BYTE_MAX + max) / (2L * max));
                }
            }
        }
        return new Picture(channels, rows, columns, pixels);
    }

    private static Picture ofPalette(BufferedImage image, IndexColorModel palette) {
        var colours = new int[palette.getMapSize()];
        palette.getRGBs(colours);
        var grey = Arrays.stream(colours).allMatch(PictureFile::isGrey);
        var channels = grey ? Picture.GREY : Picture.COLOURS;
        var rows = image.getHeight();
        var columns = image.getWidth();
        var pixels = new byte[channels * rows * columns];
        for (var row = 0; row < rows; row++) {
            for (var column = 0; column < columns; column++) {
                var colour = colours[image.getRaster().getSample(column, row, 0)];
                for (var channel = 0; channel < channels; channel++) {
                    pixels[(channel * rows + row) * columns + column] =
                            (byte) (colour >> (Byte.SIZE * (2 - channel)));
                }
            }
        }
        return new Picture(channels, rows, columns, pixels);
    }

    private static boolean isGrey(int colour) {
        var blue = colour & BYTE_MAX;
        return ((colour >> 8) & BYTE_MAX) == blue && ((colour >> 16) & BYTE_MAX) == blue;
    }

    private DataException refused(String message) {
        return new DataException(path + ": " + message);
    }

    private DataException refused(String message, Exception failure) {
        return new DataException(
                "%s: %s: %s".formatted(path, message, failure.getMessage()), failure);
    }
}
