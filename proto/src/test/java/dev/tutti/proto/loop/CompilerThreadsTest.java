package dev.tutti.proto.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompilerThreadsTest {
    private static final int IDLE = 5;

    @Test
    void theOptimizingOnesGiveWayAndNobodyElse() throws IOException {
        if (!System.getProperty("os.name").equals("Linux")) {
            assertThat(CompilerThreads.giveWay()).isZero();
            return;
        }
        assertThat(CompilerThreads.giveWay()).isPositive();
        var idle = threads().stream().filter(thread -> thread.policy() == IDLE).toList();
        assertThat(idle).isNotEmpty().allMatch(thread -> thread.name().startsWith("C2 "));
    }

    private static List<ThreadStat> threads() throws IOException {
        var stats = new ArrayList<ThreadStat>();
        try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var thread : threads) {
                stats.add(ThreadStat.in(thread));
            }
        }
        return stats;
    }
}
