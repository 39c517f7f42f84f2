package dev.tutti.deploy.ground;

import dev.tutti.common.step.course.MemoryNeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Compares what is needed with what is there; each shortage is a line with both figures. */
public final class Shortages {
    /** Files that a JVM opens for its libraries and the run's own, with some to spare. */
    private static final int FILES_MIN = 24;

    private static final String SMALLER = "take a smaller model";

    private Shortages() {}

    /** Returns what there is too little of for a run, the worst first. */
    public static List<Shortage> of(RunNeed need, Ground ground) {
        var found = new ArrayList<Shortage>();
        memory(need, ground).ifPresent(found::add);
        outsideHeap("the run", need.coordinator(), ground.jvm(), SMALLER).ifPresent(found::add);
        outsideHeap("each worker process", need.workerProcess(), whole(ground.jvm()), SMALLER)
                .ifPresent(found::add);
        shared(need, ground).ifPresent(found::add);
        disk(need, ground).ifPresent(found::add);
        files(need, ground).ifPresent(found::add);
        return found;
    }

    /**
     * Returns what there is too little of for memory of this process alone.
     *
     * @param who needs it, as the subject of a sentence
     * @param remedy what to do, beside what the parts of the need suggest
     */
    public static List<Shortage> of(String who, MemoryNeed need, Ground ground, String remedy) {
        var found = new ArrayList<Shortage>();
        ground.memory()
                .filter(memory -> memory.free() < need.bytes())
                .ifPresent(memory -> found.add(tooLittle(who, need, need.bytes(), memory, remedy)));
        outsideHeap(who, need, ground.jvm(), remedy).ifPresent(found::add);
        return found;
    }

    private static Optional<Shortage> memory(RunNeed need, Ground ground) {
        var all =
                need.coordinator()
                        .plus("worker processes", workerProcesses(need))
                        .plus("shared memory", need.sharedBytes());
        return ground.memory()
                .filter(memory -> memory.free() < need.bytes())
                .map(memory -> tooLittle("the run", all, need.bytes(), memory, SMALLER));
    }

    private static long workerProcesses(RunNeed need) {
        return MemoryNeed.times(
                need.processes(),
                MemoryNeed.plus(need.workerProcess().bytes(), RunNeed.PROCESS_BYTES));
    }

    private static Shortage tooLittle(
            String who, MemoryNeed need, long bytes, Memory memory, String remedy) {
        return new Shortage(
                true,
                "%s needs %s of memory (%s), %s has %s left of %s: %s"
                        .formatted(
                                who,
                                Bytes.text(bytes),
                                describe(need),
                                memory.where(),
                                Bytes.text(memory.free()),
                                Bytes.text(memory.limit()),
                                advice(need, remedy)));
    }

    private static Optional<Shortage> outsideHeap(
            String who, MemoryNeed need, JvmMemory jvm, String remedy) {
        return need.bytes() <= jvm.free()
                ? Optional.empty()
                : Optional.of(
                        new Shortage(
                                true,
                                "%s needs %s outside the heap (%s), and the JVM may use %s more of its %s: raise -XX:MaxDirectMemorySize in TUTTI_JVM_FLAGS, or %s"
                                        .formatted(
                                                who,
                                                Bytes.text(need.bytes()),
                                                describe(need),
                                                Bytes.text(jvm.free()),
                                                Bytes.text(jvm.limit()),
                                                advice(need, remedy))));
    }

    /** A process that is yet to start has used nothing. */
    private static JvmMemory whole(JvmMemory jvm) {
        return new JvmMemory(jvm.limit(), 0);
    }

    private static Optional<Shortage> shared(RunNeed need, Ground ground) {
        if (need.sharedIsNeeded() && ground.sharedMemory().isEmpty()) {
            return Optional.of(
                    new Shortage(
                            true,
                            "--carrier shared needs shared memory as files, and this system has none that can be written to: take --carrier auto"));
        }
        return ground.sharedMemory()
                .filter(room -> room < need.sharedBytes())
                .map(room ->
                        new Shortage(
                                need.sharedIsNeeded(),
                                "the run can use %s of shared memory, there is room for %s: %s; give more (docker run --shm-size), or --carrier inline"
                                        .formatted(
                                                Bytes.text(need.sharedBytes()),
                                                Bytes.text(room),
                                                need.sharedIsNeeded()
                                                        ? "--carrier shared needs all of it"
                                                        : "what does not fit goes through streams, which is slower")));
    }

    /** A disk may get room while the run goes on: whether that happens is not decided here. */
    private static Optional<Shortage> disk(RunNeed need, Ground ground) {
        return ground.disk()
                .filter(disk -> disk.free() < need.diskBytes())
                .map(disk ->
                        new Shortage(
                                false,
                                "the run's folder takes up to %s with its checkpoints, the disk has room for %s: make room, keep fewer (--checkpoints-kept 1), or give another disk with --out"
                                        .formatted(
                                                Bytes.text(need.diskBytes()),
                                                Bytes.text(disk.free()))));
    }

    private static Optional<Shortage> files(RunNeed need, Ground ground) {
        return ground.openFiles()
                .filter(files -> files.limit() < files.open() + need.connections() + FILES_MIN)
                .map(files ->
                        new Shortage(
                                true,
                                "the run needs %d open files and connections, %d are allowed: raise the limit with ulimit -n, or take fewer workers"
                                        .formatted(
                                                files.open() + need.connections() + FILES_MIN,
                                                files.limit())));
    }

    private static String describe(MemoryNeed need) {
        return need.parts().stream()
                .sorted((a, b) -> Long.compare(b.bytes(), a.bytes()))
                .limit(4)
                .map(part -> part.purpose() + " " + Bytes.text(part.bytes()))
                .collect(Collectors.joining(", "));
    }

    private static String advice(MemoryNeed need, String remedy) {
        var ways = new ArrayList<String>();
        ways.add(remedy);
        if (need.of(MemoryNeed.CHECKPOINT) > 0) {
            ways.add(
                    "--checkpoint-every never (%s less)"
                            .formatted(Bytes.text(need.of(MemoryNeed.CHECKPOINT))));
        }
        if (need.of(MemoryNeed.SLOTS) > 0) {
            ways.add(
                    "an --optimizer without state such as sgd(0.1) (%s less)"
                            .formatted(Bytes.text(need.of(MemoryNeed.SLOTS))));
        }
        if (need.of(MemoryNeed.WORKERS) > 0) {
            ways.add("fewer --workers or a smaller --batch");
        }
        return String.join(", ", ways);
    }
}
