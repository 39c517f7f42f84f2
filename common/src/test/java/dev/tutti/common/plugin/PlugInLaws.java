package dev.tutti.common.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What holds for the plug-ins of every kind; the law suite of a kind calls each. */
public final class PlugInLaws {
    private PlugInLaws() {}

    /** Every text is read, printed and read again as the same plug-in. */
    public static <T> void textsRoundTrip(Catalogue<T> catalogue, List<String> texts) {
        for (var text : texts) {
            var plugIn = catalogue.parse(text);
            assertThat(catalogue.parse(catalogue.format(plugIn))).as(text).isEqualTo(plugIn);
        }
    }

    /** Arguments that are left out are left out of the text too, so defaults are written once. */
    public static <T> void defaultsAreNotPrinted(Catalogue<T> catalogue, List<String> texts) {
        for (var text : texts) {
            assertThat(catalogue.format(catalogue.parse(text))).as(text).isEqualTo(text);
        }
    }

    /** Every text is refused with a message that names the plug-in and what it expected. */
    public static <T> void textsAreRefused(Catalogue<T> catalogue, List<String> texts) {
        for (var text : texts) {
            assertThatThrownBy(() -> catalogue.parse(text))
                    .as(text)
                    .isInstanceOf(PlugInException.class)
                    .hasMessageContaining(nameIn(text))
                    .hasMessageMatching("(?s).*\\b(must|needs?|expected|takes)\\b.*");
        }
    }

    /** Every plug-in of the catalogue has at least one of the texts. */
    public static <T> void everyNameHasAnExample(Catalogue<T> catalogue, List<String> texts) {
        assertThat(texts.stream().map(PlugInLaws::nameIn).distinct())
                .as("names with an example text; add one for a new plug-in")
                .containsExactlyInAnyOrderElementsOf(catalogue.names());
    }

    /** Every plug-in that takes arguments has at least one of the texts, which are all refused. */
    public static <T> void everyArgumentIsGuarded(Catalogue<T> catalogue, List<String> refused) {
        var guarded = refused.stream().map(PlugInLaws::nameIn).toList();
        for (var type : catalogue.types()) {
            if (type.getRecordComponents().length > 0) {
                assertThat(guarded)
                        .as("names with a text to refuse")
                        .contains(Catalogue.kebab(type.getSimpleName()));
            }
        }
    }

    /** Every record of the kind that was compiled beside it is in the catalogue. */
    public static <T> void everyRecordIsListed(Catalogue<T> catalogue, Class<T> kind) {
        var records =
                classesBeside(kind).stream()
                        .filter(type -> type.isRecord() && kind.isAssignableFrom(type))
                        .toList();
        assertThat(records).as("records of the kind " + kind.getSimpleName()).isNotEmpty();
        assertThat(catalogue.types()).map(type -> (Object) type).containsAll(records);
    }

    private static List<Class<?>> classesBeside(Class<?> kind) {
        try {
            var root = Path.of(kind.getProtectionDomain().getCodeSource().getLocation().toURI());
            var folder = root.resolve(kind.getPackageName().replace('.', '/'));
            try (var files = Files.list(folder)) {
                return files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".class") && !name.startsWith("package-"))
                        .<Class<?>>map(name -> load(kind, name.substring(0, name.length() - 6)))
                        .toList();
            }
        } catch (IOException | URISyntaxException e) {
            throw new AssertionError("cannot list the classes beside " + kind, e);
        }
    }

    private static Class<?> load(Class<?> kind, String simpleName) {
        try {
            return Class.forName(
                    kind.getPackageName() + "." + simpleName, false, kind.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static String nameIn(String text) {
        return text.replaceAll("\\(.*", "");
    }
}
