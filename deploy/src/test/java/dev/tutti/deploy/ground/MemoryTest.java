package dev.tutti.deploy.ground;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tightest of all limits on memory, wherever it is set. */
class MemoryTest {
    private static final long MIB = 1 << 20;

    @TempDir private Path root = Path.of("");

    @BeforeEach
    void aMachineOf1024MibWith512Free() throws IOException {
        write("proc/meminfo", "MemTotal: 1048576 kB\nMemFree: 1 kB\nMemAvailable: 524288 kB\n");
        write("proc/self/cgroup", "0::/\n");
    }

    @Test
    void aMachineWithoutGroupsHasWhatItSays() {
        assertThat(Memory.look(root)).contains(new Memory(512 * MIB, 1024 * MIB, "this machine"));
    }

    @Test
    void swapCanBeHadToo() throws IOException {
        write("proc/meminfo", "MemTotal: 1024 kB\nMemAvailable: 512 kB\nSwapFree: 2048 kB\n");
        assertThat(Memory.look(root).orElseThrow().free()).isEqualTo(2560 * 1024);
    }

    @Test
    void aGroupAboveThatOfTheProcessBinds() throws IOException {
        write("proc/self/cgroup", "0::/outer/inner\n");
        group("sys/fs/cgroup/outer", "memory.max", 100 * MIB, "memory.current", 40 * MIB);
        write("sys/fs/cgroup/outer/inner/memory.max", "max\n");
        write("sys/fs/cgroup/outer/inner/memory.current", "7\n");
        assertThat(Memory.look(root))
                .contains(new Memory(60 * MIB, 100 * MIB, "the control group /outer"));
    }

    @Test
    void pagesOfFilesInAGroupCanBeHad() throws IOException {
        group("sys/fs/cgroup", "memory.max", 100 * MIB, "memory.current", 90 * MIB);
        write(
                "sys/fs/cgroup/memory.stat",
                "anon 5\nfile 99\ninactive_file %d\nactive_file %d\n"
                        .formatted(30 * MIB, 20 * MIB));
        assertThat(Memory.look(root).orElseThrow().free()).isEqualTo(60 * MIB);
    }

    /** In a container the group's path is the host's, and what is mounted is its own folder. */
    @Test
    void version1IsReadAndAPathThatIsNotMountedIsPassedOver() throws IOException {
        write("proc/self/cgroup", "5:cpu:/x\n4:hugetlb,memory:/docker/0123\n");
        group(
                "sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                64 * MIB,
                "memory.usage_in_bytes",
                MIB);
        assertThat(Memory.look(root).orElseThrow().free()).isEqualTo(63 * MIB);
    }

    @Test
    void version1WithoutALimitSaysSoByALargeNumber() throws IOException {
        write("proc/self/cgroup", "4:memory:/\n");
        group(
                "sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                9223372036854771712L,
                "memory.usage_in_bytes",
                MIB);
        assertThat(Memory.look(root).orElseThrow().where()).isEqualTo("this machine");
    }

    @Test
    void aSystemThatDoesNotTellRefusesNothing() {
        assertThat(Memory.look(root.resolve("nowhere"))).isEmpty();
    }

    @Test
    void thisMachineTells() {
        var found = Memory.look().orElseThrow();
        assertThat(found.limit()).isGreaterThan(MIB);
        assertThat(found.free()).isPositive();
    }

    private void group(String folder, String limitFile, long limit, String usageFile, long usage)
            throws IOException {
        write(folder + "/" + limitFile, limit + "\n");
        write(folder + "/" + usageFile, usage + "\n");
    }

    private void write(String name, String text) throws IOException {
        var file = root.resolve(name);
        Files.createDirectories(root.resolve(name).resolve("..").normalize());
        Files.writeString(file, text);
    }
}
