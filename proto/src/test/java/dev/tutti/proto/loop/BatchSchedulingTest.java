package dev.tutti.proto.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class BatchSchedulingTest {
    private static final int BATCH = 3;
    private static final int NORMAL = 0;

    @Test
    void isOfTheCallingThreadAlone() throws Exception {
        if (!System.getProperty("os.name").equals("Linux")) {
            assertThat(BatchScheduling.request()).isFalse();
            return;
        }
        assertThat(
                        onNewThread(() -> {
                            assertThat(BatchScheduling.request()).isTrue();
                            return policy();
                        }))
                .isEqualTo(BATCH);
        assertThat(onNewThread(BatchSchedulingTest::policy)).isEqualTo(NORMAL);
    }

    private static int policy() throws Exception {
        return ThreadStat.in(Path.of("/proc/thread-self")).policy();
    }

    private static <T> T onNewThread(Callable<T> task) throws Exception {
        try (var thread = Executors.newSingleThreadExecutor()) {
            return thread.submit(task).get();
        }
    }
}
