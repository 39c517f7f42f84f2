package dev.tutti.deploy.ground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The memory that processes of this machine can still have.
 *
 * @param free bytes that can be had
 * @param limit bytes that there are in all, used or not
 * @param where whose limit it is, in words: the machine's, or a control group's
 */
public record Memory(long free, long limit, String where) {
    private static final long KIB = 1024;

    /** Looks at this machine; empty if the system does not tell. */
    public static Optional<Memory> look() {
        return look(Path.of("/"));
    }

    /**
     * Looks at the machine, and at the control groups of this process and those above, of both
     * versions; returns the tightest.
     *
     * @param root where {@code proc} and {@code sys} are
     */
    static Optional<Memory> look(Path root) {
        try {
            var all = new ArrayList<Memory>();
            all.add(machine(root));
            all.addAll(groups(root));
            return all.stream().min((a, b) -> Long.compare(a.free, b.free));
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
    }

    private static Memory machine(Path root) throws IOException {
        var fields = new HashMap<String, Long>();
        for (var line : Files.readAllLines(root.resolve("proc/meminfo"))) {
            var words = line.split(":? +", -1);
            if (words.length > 1 && words[1].matches("[0-9]+")) {
                fields.put(words[0], Long.parseLong(words[1]) * KIB);
            }
        }
        var total = fields.getOrDefault("MemTotal", 0L);
        var available = fields.getOrDefault("MemAvailable", total);
        var swap = fields.getOrDefault("SwapFree", 0L);
        return new Memory(available + swap, total, "this machine");
    }

    private static List<Memory> groups(Path root) throws IOException {
        var found = new ArrayList<Memory>();
        var self = root.resolve("proc/self/cgroup");
        if (!Files.isReadable(self)) {
            return found;
        }
        for (var line : Files.readAllLines(self)) {
            var parts = line.split(":", 3);
            if (parts.length < 3) {
                continue;
            }
            if (parts[1].isEmpty()) {
                collect(
                        root.resolve("sys/fs/cgroup"),
                        parts[2],
                        "memory.max",
                        "memory.current",
                        found);
            } else if (List.of(parts[1].split(",")).contains("memory")) {
                collect(
                        root.resolve("sys/fs/cgroup/memory"),
                        parts[2],
                        "memory.limit_in_bytes",
                        "memory.usage_in_bytes",
                        found);
            }
        }
        return found;
    }

    /** Collects the limits of a group and of all above it; in a container the root is its own. */
    private static void collect(
            Path mount, String group, String limitFile, String usageFile, List<Memory> out)
            throws IOException {
        for (var name = Path.of(group); name != null; name = name.getParent()) {
            var folder = mount.resolve(Path.of("/").relativize(name));
            var limit = number(folder.resolve(limitFile));
            var usage = number(folder.resolve(usageFile));
            if (limit.isPresent() && usage.isPresent()) {
                var used = Math.max(0, usage.get() - pageCache(folder));
                out.add(
                        new Memory(
                                Math.max(0, limit.get() - used),
                                limit.get(),
                                "the control group " + name));
            }
        }
    }

    /** Returns what the kernel gives back when a group needs it: pages of files. */
    private static long pageCache(Path folder) throws IOException {
        var file = folder.resolve("memory.stat");
        if (!Files.isReadable(file)) {
            return 0;
        }
        var fields = new HashMap<String, Long>();
        for (var line : Files.readAllLines(file)) {
            var words = line.split(" ", 2);
            if (words.length == 2 && words[1].matches("[0-9]{1,18}")) {
                fields.put(words[0], Long.parseLong(words[1]));
            }
        }
        return first(fields, "total_inactive_file", "inactive_file")
                + first(fields, "total_active_file", "active_file");
    }

    private static long first(Map<String, Long> fields, String name, String otherwise) {
        return fields.getOrDefault(name, fields.getOrDefault(otherwise, 0L));
    }

    /** Returns the number in a file; none if it is not there, or says that there is no limit. */
    private static Optional<Long> number(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        // Version 1 says "no limit" by a number near the largest.
        return Optional.of(Files.readString(file).strip())
                .filter(text -> text.matches("[0-9]{1,15}"))
                .map(Long::valueOf);
    }
}
