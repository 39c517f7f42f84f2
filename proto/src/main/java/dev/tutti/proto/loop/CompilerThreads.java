package dev.tutti.proto.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The threads of the JVM's optimizing compiler, C2.
 *
 * <p>If every core has a worker, any other thread stops one of them, and all the others wait for
 * that one at the end of the step. C2 goes on for minutes, because what a step does a few times
 * takes thousands of steps to become hot. With {@code SCHED_IDLE} it computes while workers wait.
 * C1, whose code runs until then, keeps its place: nothing is interpreted for longer.
 */
public final class CompilerThreads {
    private static final Path THREADS = Path.of("/proc/self/task");

    /** What the names of the threads begin with; the system keeps 15 bytes of a name. */
    private static final String OPTIMIZING = "C2 Compiler";

    private CompilerThreads() {}

    /**
     * Lets them compute only while nobody else wants the core; those that they start do so, too.
     *
     * @return how many do now; 0 where the system is none that knows it
     */
    public static int giveWay() {
        var count = 0;
        try (var threads = Files.newDirectoryStream(THREADS)) {
            for (var thread : threads) {
                if (Files.readString(thread.resolve("comm")).startsWith(OPTIMIZING)) {
                    var id = Integer.parseInt(thread.getFileName().toString());
                    count += SchedulingPolicy.IDLE.request(id) ? 1 : 0;
                }
            }
        } catch (IOException _) {
            // No such folder; or a thread that ends just now, and the others stay as they are.
        }
        return count;
    }
}
