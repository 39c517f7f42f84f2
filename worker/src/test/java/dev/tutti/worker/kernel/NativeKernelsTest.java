package dev.tutti.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.kernel.RoundedKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeKernelsTest {
    @TempDir private Path cache = Path.of("");

    @Test
    void plainIsThePlainKernel() {
        assertThat(new NativeKernels(cache).named("plain")).isEqualTo(new PlainKernel());
    }

    @Test
    void unknownNameIsRefusedWithTheNamesThereAre() {
        assertThatThrownBy(() -> new NativeKernels(cache).named("mkl"))
                .isInstanceOf(KernelUnavailableException.class)
                .hasMessage("unknown kernel \"mkl\"; there are: onednn, openblas, plain");
    }

    @Test
    void bestIsOneDnnWithAvx512AndOpenBlasWithout() {
        var kernels = new NativeKernels(cache);
        var wide = kernels.named("onednn") instanceof OneDnnKernel dnn && dnn.hasAvx512();
        assertThat(kernels.best().name()).startsWith(wide ? "onednn " : "openblas ");
    }

    @Test
    void bf16RoundsTheOperandsOfWhicheverKernelIsAskedFor() {
        assertThat(new NativeKernels(cache).bf16(Optional.of("plain")))
                .isEqualTo(new RoundedKernel(new PlainKernel()));
        assertThat(new NativeKernels(cache).bf16(Optional.empty()).name()).contains("bf16");
    }

    /** The plain kernel took its place in silence, and with it came other bits. */
    @Test
    void aCacheThatCannotBeMadeChangesNoKernel() throws IOException {
        var usual = new NativeKernels(cache.resolve("usual")).best();
        var file = Files.writeString(cache.resolve("file"), "in the way");
        var temporary = Files.createDirectory(cache.resolve("temporary"));
        var warnings = new ArrayList<String>();
        var kernels = new NativeKernels(file, List.of(temporary), warnings::add);
        assertThat(kernels.best().name()).isEqualTo(usual.name());
        assertThat(kernels.named("openblas").name()).startsWith("openblas ");
        assertThat(warnings).isEmpty();
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void aKernelThatCannotBeUnpackedAnywhereIsAnErrorByNameAndAWarningAsBest() throws IOException {
        var file = Files.writeString(cache.resolve("file"), "in the way");
        var warnings = new ArrayList<String>();
        var kernels = new NativeKernels(file, List.of(file), warnings::add);
        assertThatThrownBy(() -> kernels.named("openblas"))
                .isInstanceOf(KernelUnavailableException.class)
                .hasMessageContaining("kernel openblas cannot be loaded on")
                .hasMessageContaining(file.toString())
                .hasMessageContaining("set XDG_CACHE_HOME or TMPDIR");
        assertThat(kernels.best()).isEqualTo(new PlainKernel());
        assertThat(warnings)
                .last(InstanceOfAssertFactories.STRING)
                .contains("kernel openblas cannot be loaded on", "using the plain kernel");
    }

    @Test
    void aFileOfTheRightSizeWithOtherBytesIsWrittenAgain() throws IOException {
        var name = platform().libraries().getFirst();
        var file = NativeLibraries.unpack(folder(), List.of(name), cache).getFirst();
        var complete = Files.readAllBytes(file);
        // Once more, so that it is noted as intact.
        NativeLibraries.unpack(folder(), List.of(name), cache);
        assertThat(cache.resolve(name + ".checked")).isNotEmptyFile();
        var damaged = complete.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(file, damaged);
        NativeLibraries.unpack(folder(), List.of(name), cache);
        assertThat(Files.readAllBytes(file)).isEqualTo(complete);
    }

    @Test
    void aLibraryIsUsedWhoseNoteCanBeNeitherReadNorWritten() throws IOException {
        var names = List.of(platform().libraries().getFirst());
        var file = NativeLibraries.unpack(folder(), names, cache).getFirst();
        var note = cache.resolve(names.getFirst() + ".checked");
        Files.write(note, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(NativeLibraries.unpack(folder(), names, cache)).containsExactly(file);

        Files.delete(note);
        Files.writeString(Files.createDirectory(note).resolve("file"), "in the way");
        assertThat(NativeLibraries.unpack(folder(), names, cache)).containsExactly(file);
        try (var files = Files.list(cache)) {
            assertThat(files).containsExactlyInAnyOrder(file, note);
        }
    }

    @Test
    void aFolderThatOthersMayWriteToIsNotTrusted() throws IOException {
        var open = Files.createDirectory(cache.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        var names = List.of(platform().libraries().getFirst());
        assertThatThrownBy(() -> NativeLibraries.unpack(folder(), names, open))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "%s belongs to another user, or others may write to it".formatted(open));
        assertThat(open).isEmptyDirectory();
    }

    @Test
    void aKernelIsNamedForOtherProcessesAsItIsAskedFor() {
        var kernels = new NativeKernels(cache);
        for (var name : NativeKernels.NAMES) {
            var kernel = kernels.named(name);
            assertThat(NativeKernels.nameOf(kernel)).isEqualTo(name);
            assertThat(NativeKernels.nameOf(new RoundedKernel(kernel))).isEqualTo(name);
        }
    }

    @Test
    void manyAtOnceLeaveCompleteFilesAndNoOthers() throws Exception {
        var libraries = platform().libraries();
        try (var threads = Executors.newFixedThreadPool(6)) {
            var calls = new ArrayList<Callable<List<Path>>>();
            for (var i = 0; i < 6; i++) {
                calls.add(() -> NativeLibraries.unpack(folder(), libraries, cache));
            }
            for (var result : threads.invokeAll(calls)) {
                assertThat(result.get()).allMatch(Files::isRegularFile);
            }
        }
        try (var files = Files.list(cache)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .filteredOn(file -> !file.endsWith(".checked"))
                    .containsExactlyInAnyOrderElementsOf(libraries);
        }
    }

    @Test
    void shortenedFileIsWrittenAgainAndACompleteOneIsLeftAlone() throws IOException {
        var name = platform().libraries().getFirst();
        var file = NativeLibraries.unpack(folder(), List.of(name), cache).getFirst();
        var complete = Files.readAllBytes(file);
        var written = Files.getLastModifiedTime(file);
        NativeLibraries.unpack(folder(), List.of(name), cache);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);

        Files.write(file, new byte[] {1, 2, 3});
        NativeLibraries.unpack(folder(), List.of(name), cache);
        assertThat(Files.readAllBytes(file)).isEqualTo(complete);
    }

    @Test
    void missingLibraryIsNamed() {
        assertThatThrownBy(() -> NativeLibraries.unpack("no/such", List.of("lib.so"), cache))
                .isInstanceOf(IOException.class)
                .hasMessage("no/such/lib.so is not on the class path");
    }

    @Test
    void platformsAreFoundByTheNamesThatJavaGivesThem() {
        assertThat(Platform.of("Linux", "amd64").orElseThrow().name()).isEqualTo("linux-x86_64");
        assertThat(Platform.of("Linux", "aarch64").orElseThrow().name()).isEqualTo("linux-arm64");
        assertThat(Platform.of("Mac OS X", "aarch64").orElseThrow().name())
                .isEqualTo("macosx-arm64");
        assertThat(Platform.of("Windows 11", "amd64")).isEmpty();
        assertThat(Platform.of("Linux", "riscv64")).isEmpty();
    }

    @Test
    void everyPlatformsLibrariesAreOnTheClassPath() {
        for (var name : List.of("Linux/amd64", "Linux/aarch64", "Mac OS X/aarch64")) {
            var parts = List.of(name.split("/", -1));
            var platform = Platform.of(parts.getFirst(), parts.getLast()).orElseThrow();
            for (var library : platform.libraries()) {
                var path = "org/bytedeco/openblas/%s/%s".formatted(platform.name(), library);
                assertThat(getClass().getClassLoader().getResource(path)).as(path).isNotNull();
            }
            for (var library : platform.oneDnn()) {
                var path = "org/bytedeco/dnnl/%s/%s".formatted(platform.name(), library);
                assertThat(getClass().getClassLoader().getResource(path)).as(path).isNotNull();
            }
        }
    }

    private static Platform platform() {
        return Platform.of(System.getProperty("os.name"), System.getProperty("os.arch"))
                .orElseThrow();
    }

    private static String folder() {
        return "org/bytedeco/openblas/" + platform().name();
    }
}
