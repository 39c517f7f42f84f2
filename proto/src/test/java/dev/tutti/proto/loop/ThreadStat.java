package dev.tutti.proto.loop;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Linux tells of a thread in its stat file, proc_pid_stat(5).
 *
 * @param policy the number of its scheduling policy
 */
record ThreadStat(String name, int policy) {
    /** Of the fields behind the name in parentheses; the manual counts it as 41. */
    private static final int POLICY_FIELD = 38;

    /** Reads the stat file in a thread's folder. */
    static ThreadStat in(Path thread) throws IOException {
        var stat = Files.readString(thread.resolve("stat"));
        var end = stat.lastIndexOf(')');
        var fields = Splitter.on(' ').splitToList(stat.substring(end + 2));
        return new ThreadStat(
                stat.substring(stat.indexOf('(') + 1, end),
                Integer.parseInt(fields.get(POLICY_FIELD)));
    }
}
