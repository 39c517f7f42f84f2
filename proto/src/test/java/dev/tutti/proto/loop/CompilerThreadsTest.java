package dev.tutti.proto.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CompilerThreadsTest {
    private static final String IDLE = "5";

    /** Of the fields of stat behind the name in parentheses; proc_pid_stat(5) counts it as 41. */
    private static final int POLICY_FIELD = 38;

    @Test
    void theOptimizingOnesGiveWayAndNobodyElse() throws IOException {
        if (!System.getProperty("os.name").equals("Linux")) {
            assertThat(CompilerThreads.giveWay()).isZero();
            return;
        }
        assertThat(CompilerThreads.giveWay()).isPositive();
        var idle = namesByPolicy().get(IDLE);
        assertThat(idle).isNotEmpty().allMatch(name -> name.startsWith("C2 "));
    }

    private static Map<String, List<String>> namesByPolicy() throws IOException {
        var names = new TreeMap<String, List<String>>();
        try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var thread : threads) {
                var stat = Files.readString(thread.resolve("stat"));
                var end = stat.lastIndexOf(')');
                var fields = Splitter.on(' ').splitToList(stat.substring(end + 2));
                names.computeIfAbsent(fields.get(POLICY_FIELD), _ -> new ArrayList<>())
                        .add(stat.substring(stat.indexOf('(') + 1, end));
            }
        }
        return names;
    }
}
