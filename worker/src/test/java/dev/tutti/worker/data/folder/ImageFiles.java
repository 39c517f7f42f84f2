package dev.tutti.worker.data.folder;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Files of images for tests. */
public final class ImageFiles {
    private ImageFiles() {}

    /** Writes an image of one channel. */
    public static Path grey(
            Path folder, String name, String form, int rows, int columns, int... values) {
        var image = new BufferedImage(columns, rows, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSamples(0, 0, columns, rows, 0, values);
        return write(folder, name, form, image);
    }

    /** Writes an image of colours, each 0xRRGGBB. */
    public static Path colours(
            Path folder, String name, String form, int rows, int columns, int... colours) {
        var image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, columns, rows, colours, 0, columns);
        return write(folder, name, form, image);
    }

    private static Path write(Path folder, String name, String form, BufferedImage image) {
        var path = folder.resolve(name);
        try {
            Files.createDirectories(path.getParent());
            if (!ImageIO.write(image, form, path.toFile())) {
                throw new AssertionError("no writer for " + form);
            }
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
