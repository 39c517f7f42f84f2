package dev.tutti.coordinator.checkpoint;

import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.run.Work;
import dev.tutti.coordinator.record.Failing;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunEvents;
import dev.tutti.coordinator.record.RunFigures;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes a run's checkpoints. The state is copied between two events, in which it stands still, to
 * memory that is allocated once; from there it is written beside the training. While that lasts no
 * other is taken: the next one waits. Owned by the coordinator's actor.
 */
public final class Checkpoints {
    private final CheckpointPolicy policy;
    private final CheckpointWriter writer;
    private final RunEvents events;
    private final Failing writes;
    private final Model model;
    private final Map<String, String> configuration;
    private final Supplier<RunFigures> figures;
    private @Nullable SavedRun memory;
    private RunFigures counted;
    private @Nullable Work taken;
    private long takenNanos;
    private boolean writing;
    private boolean waitingIsNoted;
    private Optional<String> failure = Optional.empty();

    /**
     * Makes what takes the checkpoints of a run.
     *
     * @param configuration what the run's bits follow from
     * @param figures returns what the run's summary has counted so far
     */
    public Checkpoints(
            CheckpointPolicy policy,
            CheckpointWriter writer,
            RunEvents events,
            Model model,
            Map<String, String> configuration,
            Supplier<RunFigures> figures) {
        this.policy = policy;
        this.writer = writer;
        this.events = events;
        this.writes = new Failing(events::warn);
        this.model = model;
        this.configuration = configuration;
        this.figures = figures;
        this.counted = figures.get();
    }

    /** Begins: what the run stands at is on the disk already, or is written now. */
    public void begin(
            SavedRun run, boolean resumed, Consumer<CheckpointWriter.Written> done, long now) {
        takenNanos = now;
        if (!policy.isActive()) {
            return;
        }
        if (resumed) {
            taken = run.next();
            memory = run.copy(Arena.ofAuto());
        } else {
            take(run, writer::write, done, now);
        }
    }

    /** Tells whether one is due. */
    public boolean isDue(long step, long now) {
        return taken != null
                && policy.isDue(step - taken.step(), now - takenNanos)
                // Else nothing has changed that computing would not give again.
                && step != taken.step();
    }

    /** Returns where the run stood at the last one; its memory stays as it is until the next. */
    public Optional<SavedRun> copy() {
        return Optional.ofNullable(memory);
    }

    /** Returns what had been counted at the last one. */
    public RunFigures counted() {
        return counted;
    }

    /**
     * Takes one if it is due.
     *
     * @param step steps behind the weights
     * @param run returns where the run stands
     * @param done is told on another thread when it is written
     */
    public void afterEvent(
            long step, Supplier<SavedRun> run, Consumer<CheckpointWriter.Written> done, long now) {
        if (taken == null || !isDue(step, now)) {
            return;
        }
        if (!writing) {
            take(run.get(), writer::write, done, now);
        } else if (!waitingIsNoted) {
            waitingIsNoted = true;
            events.note(
                    "the checkpoint after step %d is still being written: the next one waits"
                            .formatted(taken.step()));
        }
    }

    /**
     * Takes the last one, unless one of the same place has been taken; tells whether it could.
     * While one is being written it cannot.
     */
    public boolean takeLast(SavedRun run, Consumer<CheckpointWriter.Written> done, long now) {
        if (writing || !policy.isActive()) {
            return !writing;
        }
        if (failure.isPresent() || !run.next().equals(taken)) {
            take(run, writer::writeLast, done, now);
        }
        return true;
    }

    /** Tells whether one is being written. */
    public boolean isWriting() {
        return writing;
    }

    /** Returns why the last one is not on the disk; empty if it is. */
    public Optional<String> failure() {
        return policy.isActive()
                ? failure
                : Optional.of("this run has none, as --checkpoint-every says");
    }

    /** A write has ended. */
    public void written(CheckpointWriter.Written written) {
        writing = false;
        switch (written) {
            case CheckpointWriter.Written.Whole(_, var file, var nanos) -> {
                failure = Optional.empty();
                writes.works();
                events.tell(new RunEvent.CheckpointWritten(file, nanos));
            }
            case CheckpointWriter.Written.Failed(var step, var reason) -> {
                failure = Optional.of(reason);
                writes.fails(
                        "the checkpoint after step %d could not be written: %s; training goes on without"
                                .formatted(step, reason));
            }
        }
    }

    /** How a checkpoint that was taken is written. */
    private interface Writing {
        void write(
                long step,
                Supplier<Checkpoint> checkpoint,
                Consumer<CheckpointWriter.Written> done);
    }

    private void take(
            SavedRun run, Writing how, Consumer<CheckpointWriter.Written> done, long now) {
        var copy = memory == null ? run.copy(Arena.ofAuto()) : run.copyOver(memory);
        var figuresThen = figures.get();
        counted = figuresThen;
        memory = copy;
        taken = run.next();
        takenNanos = now;
        writing = true;
        waitingIsNoted = false;
        how.write(
                taken.step(),
                () -> Checkpoint.of(copy, model, configuration, figuresThen.toJson()),
                done);
    }
}
