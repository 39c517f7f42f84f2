package dev.tutti.deploy.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.support.CommandProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker says what it waits for, where a connection is made and nothing comes of it. */
class MuteCoordinatorTest {
    @TempDir Path temporary;

    @Test
    void aWorkerSaysThatItWaitsForAnAnswer() throws Exception {
        // The system takes the connection; nobody reads from it.
        try (var mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var address = "127.0.0.1:" + mute.getLocalPort();
            try (var worker =
                    CommandProcess.start(
                            temporary,
                            List.of(),
                            List.of("worker", "--coordinator", address, "--kernel", "plain"))) {
                worker.awaitOutput(text -> text.contains("waiting for " + address + " to answer"));
                assertThat(worker.hasTrace()).isFalse();
                worker.process().destroy();
                assertThat(worker.exitCode()).as(worker.output()).isIn(0, 143);
            }
        }
    }
}
