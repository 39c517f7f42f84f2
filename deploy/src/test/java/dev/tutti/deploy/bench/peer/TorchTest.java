package dev.tutti.deploy.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchTest {
    @TempDir private Path folder;

    @Test
    void withoutAPythonTheLineSaysHowToGetOne() {
        assertThat(find(folder.resolve("no-python"), false))
                .isInstanceOfSatisfying(
                        Torch.Search.Absent.class,
                        absent ->
                                assertThat(absent.line())
                                        .contains("no-python")
                                        .contains("apt-get install python3-torch")
                                        .contains("--python"));
    }

    @Test
    void aPythonWithoutTorchIsNone() throws IOException {
        var python = Programs.write(folder.resolve("python3"), "echo no torch >&2; exit 1");
        assertThat(find(python, false)).isInstanceOf(Torch.Search.Absent.class);
    }

    @Test
    void theReferenceBlasIsRefusedUnlessWanted() throws IOException {
        var python = python("\"/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0\"");
        assertThat(find(python, false))
                .isInstanceOfSatisfying(
                        Torch.Search.Absent.class,
                        absent ->
                                assertThat(absent.line())
                                        .contains("libblas.so.3.11.0")
                                        .contains("apt-get install libopenblas0-pthread")
                                        .contains("--any-blas"));
        assertThat(find(python, true)).isInstanceOf(Torch.Search.Found.class);
    }

    @Test
    void anUnknownBlasIsRefusedToo() throws IOException {
        assertThat(find(python(""), false)).isInstanceOf(Torch.Search.Absent.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so",
                "/opt/intel/libmkl_rt.so.2",
                "mkl"
            })
    void aFastBlasWillDo(String library) throws IOException {
        assertThat(find(python("\"%s\"".formatted(library)), false))
                .isInstanceOfSatisfying(
                        Torch.Search.Found.class,
                        found -> assertThat(found.torch().version()).isEqualTo("1.13"));
    }

    private Path python(String libraries) throws IOException {
        return Programs.write(
                folder.resolve("python3"),
                "echo '{\"python\": \"3\", \"torch\": \"1.13\", \"blas\": [%s]}'"
                        .formatted(libraries));
    }

    private Torch.Search find(Path python, boolean anyBlas) {
        return Torch.find(Optional.of(python), new Distribution(folder), anyBlas);
    }
}
