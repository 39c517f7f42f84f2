package dev.tutti.proto.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class BatchSchedulingTest {
    private static final int BATCH = 3;
    private static final int NORMAL = 0;

    /** Of the fields behind the name in parentheses; proc_pid_stat(5) counts it as 41. */
    private static final int POLICY_FIELD = 38;

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
        var stat = Files.readString(Path.of("/proc/thread-self/stat"));
        var fields = Splitter.on(' ').splitToList(stat.substring(stat.lastIndexOf(')') + 2));
        return Integer.parseInt(fields.get(POLICY_FIELD));
    }

    private static <T> T onNewThread(Callable<T> task) throws Exception {
        try (var thread = Executors.newSingleThreadExecutor()) {
            return thread.submit(task).get();
        }
    }
}
