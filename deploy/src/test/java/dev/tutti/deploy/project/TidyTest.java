package dev.tutti.deploy.project;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The code is in order: what it refers to exists, packages are layers, nothing is left over. */
class TidyTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES =
            List.of("common", "proto", "coordinator", "worker", "deploy");

    /** A document, and the headings in quotation marks behind it. */
    private static final Pattern REFERENCE =
            Pattern.compile("([A-Z]+)(?:\\.md)?,? (\"[^\"]+\"(?:(?:,| and| or) \"[^\"]+\")*)");

    private static final Pattern DOCUMENT = Pattern.compile("\\b([A-Z]{4,})\\.md\\b");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");
    private static final Pattern COMMENT = Pattern.compile("(?s:/\\*\\*.*?\\*/)|(?m:^\\s*//.*$)");

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.tutti");

    @Test
    void sectionsThatCommentsNameAreThere() throws IOException {
        var missing = new TreeSet<String>();
        for (var file : sources()) {
            for (var comment : comments(file)) {
                DOCUMENT.matcher(comment)
                        .results()
                        .map(found -> found.group(1))
                        .filter(name -> document(name).isEmpty() && !isBeside(file, name))
                        .forEach(name -> missing.add("%s: %s.md".formatted(file, name)));
                for (var found : REFERENCE.matcher(comment).results().toList()) {
                    document(found.group(1))
                            .ifPresent(document ->
                                    QUOTED.matcher(found.group(2))
                                            .results()
                                            .map(quoted -> quoted.group(1))
                                            .filter(heading ->
                                                    !headings(document).contains(heading))
                                            .forEach(heading ->
                                                    missing.add(
                                                            "%s: %s has no heading \"%s\""
                                                                    .formatted(
                                                                            file, document,
                                                                            heading))));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"common", "proto", "coordinator", "worker", "deploy"})
    void packagesOfAModuleAreFreeOfCycles(String module) {
        slices().assignedFrom(new PackagesOf("dev.tutti." + module))
                .should()
                .beFreeOfCycles()
                .check(MAIN);
    }

    @Test
    void publicCodeIsNotForTestsAlone() {
        var unused =
                MAIN.stream()
                        .filter(type -> !type.getPackageName().equals("dev.tutti.proto.v1"))
                        .flatMap(type -> type.getMethods().stream())
                        .filter(TidyTest::isForOthers)
                        .filter(method -> method.getAccessesToSelf().isEmpty())
                        .map(JavaMethod::getFullName);
        assertThat(unused).isEmpty();
    }

    /** Leaves out what the JVM, a library or an interface calls. */
    private static boolean isForOthers(JavaMethod method) {
        return method.getModifiers().contains(JavaModifier.PUBLIC)
                && !method.getModifiers().contains(JavaModifier.SYNTHETIC)
                && !method.getModifiers().contains(JavaModifier.BRIDGE)
                && !method.getModifiers().contains(JavaModifier.ABSTRACT)
                && !method.getName().equals("main")
                && method.getAnnotations().isEmpty()
                && !isAccessor(method)
                && !isOfEnum(method)
                && !overrides(method);
    }

    private static boolean isAccessor(JavaMethod method) {
        return method.getOwner().isRecord()
                && method.getRawParameterTypes().isEmpty()
                && method.getOwner().tryGetField(method.getName()).isPresent();
    }

    private static boolean isOfEnum(JavaMethod method) {
        return method.getOwner().isEnum() && Set.of("values", "valueOf").contains(method.getName());
    }

    private static boolean overrides(JavaMethod method) {
        return Stream.concat(
                        method.getOwner().getAllRawSuperclasses().stream(),
                        method.getOwner().getAllRawInterfaces().stream())
                .flatMap(type -> type.getMethods().stream())
                .anyMatch(other ->
                        other.getName().equals(method.getName())
                                && other.getRawParameterTypes().size()
                                        == method.getRawParameterTypes().size());
    }

    private static Optional<Path> document(String name) {
        return Stream.of(ROOT.resolve("docs"), ROOT)
                .map(folder -> folder.resolve(name + ".md"))
                .filter(Files::exists)
                .findFirst();
    }

    /** Tells whether a document is among the resources of the file's package. */
    private static boolean isBeside(Path file, String name) {
        var beside = file.resolveSibling(name + ".md").toString();
        return Files.exists(Path.of(beside.replace("/java/", "/resources/")));
    }

    private static Set<String> headings(Path document) {
        try {
            return Files.readAllLines(document).stream()
                    .filter(line -> line.startsWith("#"))
                    .map(line -> line.replaceFirst("^#+ +", "").replace("`", ""))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> sources() throws IOException {
        var files = new ArrayList<Path>();
        for (var module : MODULES) {
            try (var found = Files.walk(ROOT.resolve(module).resolve("src"))) {
                found.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
            }
        }
        return files;
    }

    /** Returns the comments of a file, each as one line. */
    private static List<String> comments(Path file) throws IOException {
        return COMMENT.matcher(Files.readString(file))
                .results()
                .map(found ->
                        Arrays.stream(found.group().split("\n"))
                                .map(line ->
                                        line.strip().replaceFirst("^(/\\*\\*|\\*/|\\*|//) ?", ""))
                                .collect(Collectors.joining(" ")))
                .toList();
    }

    /**
     * The packages of one module, each by itself.
     *
     * @param module the name of its first package
     */
    private record PackagesOf(String module) implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            var name = type.getPackageName();
            return name.equals(module) || name.startsWith(module + ".")
                    ? SliceIdentifier.of(name)
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages of " + module;
        }
    }
}
