package dev.tutti.deploy.ground;

import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Refuses what cannot work on this machine before anything of it is made, and warns of the rest.
 */
public final class GroundCheck {
    private GroundCheck() {}

    /**
     * Looks at the ground for a run.
     *
     * @param directory where the run's files will go
     * @throws UserException if the run cannot work here
     */
    public static void require(RunNeed need, Path directory) {
        var bytes = Math.max(need.coordinator().bytes(), need.workerProcess().bytes());
        tell(Shortages.of(need, Ground.look(directory, bytes)));
    }

    /**
     * Looks at the ground for memory of this process.
     *
     * @param who needs it, as the subject of a sentence
     * @param remedy what to do
     * @throws UserException if there is too little
     */
    public static void require(String who, MemoryNeed need, String remedy) {
        tell(Shortages.of(who, need, Ground.look(Path.of(""), need.bytes()), remedy));
    }

    /** Returns what there is too little of for a worker process, if anything. */
    public static Optional<String> shortage(MemoryNeed need) {
        return Shortages.of(
                        "this worker process",
                        need,
                        Ground.look(Path.of(""), need.bytes()),
                        "take another machine")
                .stream()
                .filter(Shortage::hard)
                .map(Shortage::line)
                .findFirst();
    }

    /**
     * Returns what is read from a source.
     *
     * @throws UserException if it does not fit into memory
     */
    public static <T> T opened(String source, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (OutOfMemoryError e) {
            var jvm = JvmMemory.look();
            throw new UserException(
                    ExitCode.RESOURCES,
                    "the data %s does not fit into memory (%s): the JVM may use %s in its heap and %s outside; raise -Xmx or -XX:MaxDirectMemorySize in TUTTI_JVM_FLAGS, or take a part of the data"
                            .formatted(
                                    source,
                                    e.getMessage(),
                                    Bytes.text(Runtime.getRuntime().maxMemory()),
                                    Bytes.text(jvm.limit())));
        }
    }

    private static void tell(List<Shortage> found) {
        for (var shortage : found) {
            if (shortage.hard()) {
                throw new UserException(ExitCode.RESOURCES, shortage.line());
            }
        }
        found.forEach(shortage -> System.err.println("warning: " + shortage.line()));
    }
}
