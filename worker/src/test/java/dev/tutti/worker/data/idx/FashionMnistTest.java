package dev.tutti.worker.data.idx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.format.Sha256;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {
    private static final Map<String, byte[]> FILES =
            Map.of(
                    "train-images-idx3-ubyte.gz", IdxFiles.images(3, 2, 2, 0),
                    "train-labels-idx1-ubyte.gz", IdxFiles.labels(9, 0, 1),
                    "t10k-images-idx3-ubyte.gz", IdxFiles.images(1, 2, 2, 50),
                    "t10k-labels-idx1-ubyte.gz", IdxFiles.labels(2));

    private final Arena arena = Arena.ofConfined();
    private final Map<String, byte[]> served = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final List<String> progress = new ArrayList<>();

    @TempDir private Path folder;

    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        FILES.forEach((name, content) -> served.put(name, IdxFiles.gzip(content)));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/set/",
                exchange -> {
                    var name = exchange.getRequestURI().getPath().substring("/set/".length());
                    asked.add(name);
                    var content = served.get(name);
                    exchange.sendResponseHeaders(
                            content == null ? 404 : 200, content == null ? -1 : content.length);
                    if (content != null) {
                        exchange.getResponseBody().write(content);
                    }
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
        arena.close();
    }

    @Test
    void filesAreFetchedOnceCheckedAndKept() throws IOException {
        var dataset = open();
        assertThat(dataset.count()).isEqualTo(4);
        assertThat(dataset.testCount()).isEqualTo(1);
        assertThat(dataset.targets().names()).hasSize(10).startsWith("T-shirt/top", "Trouser");
        assertThat(asked).hasSize(4);
        assertThat(progress).contains("t10k-labels-idx1-ubyte.gz 29 of 29");
        open();
        assertThat(asked).hasSize(4);
        assertThat(names(cache())).containsExactlyInAnyOrderElementsOf(FILES.keySet());
    }

    @Test
    void aFileWithAnotherContentIsRefusedAndNotKept() throws IOException {
        served.put("train-labels-idx1-ubyte.gz", IdxFiles.gzip(IdxFiles.labels(9, 0, 2)));
        assertThatThrownBy(this::open)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("its content has digest ")
                .hasMessageContaining(digests().get("train-labels-idx1-ubyte.gz"));
        assertThat(names(cache())).doesNotContain("train-labels-idx1-ubyte.gz").hasSize(3);
    }

    @Test
    void aTruncatedFileIsRefusedAndNotKept() throws IOException {
        var name = "t10k-images-idx3-ubyte.gz";
        served.put(name, Arrays.copyOf(served.get(name), 15));
        assertThatThrownBy(this::open).isInstanceOf(DataException.class);
        assertThat(names(cache())).isEmpty();
    }

    @Test
    void aRefusingServerLeadsToOneLineThatSaysWhatToDo() {
        served.clear();
        assertThatThrownBy(this::open)
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "fashion-mnist is not on this machine, and "
                                + address()
                                + "t10k-images-idx3-ubyte.gz could not be fetched (the server"
                                + " answered with status 404): run \"apt-get install"
                                + " dataset-fashion-mnist\", or give a folder with its four"
                                + " files");
    }

    @Test
    void aServerThatIsNotThereLeadsToOneLineThatSaysWhatToDo() {
        server.stop(0);
        assertThatThrownBy(this::open)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("could not be fetched (Connection refused)")
                .hasMessageContaining("apt-get install dataset-fashion-mnist");
    }

    @Test
    void aFolderThatHasItIsUsedBeforeTheNetwork() throws IOException {
        var there = Files.createDirectory(folder.resolve("there"));
        FILES.forEach((name, content) -> IdxFiles.write(there, name, IdxFiles.gzip(content)));
        var source = source(List.of(folder.resolve("absent"), there));
        assertThat(source.open(DataOptions.of("fashion-mnist", Targets.Kind.LABELS), arena).count())
                .isEqualTo(4);
        assertThat(asked).isEmpty();
    }

    @Test
    void thePackagedSetHasItsPublishedSizes() {
        var packaged = Path.of("/usr/share/datasets/fashion-mnist");
        assumeTrue(IdxFolder.isComplete(packaged), "needs the package dataset-fashion-mnist");
        var dataset =
                FashionMnist.standard(folder, (_, _, _) -> {})
                        .open(DataOptions.of("fashion-mnist", Targets.Kind.LABELS), arena);
        assertThat(dataset.sample()).isEqualTo(Shape.of(1, 28, 28));
        assertThat(dataset.count()).isEqualTo(70_000);
        assertThat(dataset.testCount()).isEqualTo(10_000);
        assertThat(dataset.outputs()).isEqualTo(10);
    }

    private Dataset open() {
        return source(List.of()).open(DataOptions.of("fashion-mnist", Targets.Kind.LABELS), arena);
    }

    private FashionMnist source(List<Path> folders) {
        return new FashionMnist(
                folders,
                cache(),
                address(),
                digests(),
                (file, bytes, bytesMax) ->
                        progress.add("%s %d of %d".formatted(file, bytes, bytesMax)));
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    private URI address() {
        return URI.create("http://127.0.0.1:%d/set/".formatted(server.getAddress().getPort()));
    }

    private static Map<String, String> digests() {
        var digests = new HashMap<String, String>();
        FILES.forEach(
                (name, content) -> digests.put(name, Sha256.hex(MemorySegment.ofArray(content))));
        return digests;
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }
}
