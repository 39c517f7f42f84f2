package dev.tutti.coordinator;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.common.step.coordinate.CoordinatorMachine;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.coordinator.checkpoint.CheckpointWriter;
import dev.tutti.coordinator.checkpoint.Checkpoints;
import dev.tutti.coordinator.record.RunEnd;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunEvents;
import dev.tutti.coordinator.stream.MemberStreams;
import dev.tutti.coordinator.stream.ServerStreamEvent;
import dev.tutti.proto.life.Guard;
import dev.tutti.proto.life.ProcessPart;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The coordinator's actor: owns the machine and the streams, turns messages into events and carries
 * out decisions. All rules are the machine's; all weights are touched by this actor's thread alone.
 */
public final class CoordinatorActor {
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    /** What the actor is told. */
    public sealed interface Command {}

    /** A member said something, or its stream did. */
    record OfMember(ServerStreamEvent event) implements Command {}

    /** Time passed. */
    record Tick() implements Command {}

    /** A checkpoint is on the disk, or is not. */
    record CheckpointEnded(CheckpointWriter.Written written) implements Command {}

    /**
     * Take a last checkpoint and end, so that the run can go on later.
     *
     * @param heard is told that this message has come
     */
    record Stop(CompletableFuture<?> heard) implements Command {}

    /** No worker is left, and none will come. */
    record Abandon(String reason) implements Command {}

    private final ActorContext<Command> context;
    private final CoordinatorMachine machine;
    private final RunEvents events;
    private final RunEnd end;
    private final Checkpoints checkpoints;
    private final Consumer<CheckpointWriter.Written> checkpointEnded;
    private final MemberStreams streams;
    private long farewellNanos;
    private boolean stopping;
    private boolean halted;
    private long stopNanos;

    private CoordinatorActor(
            ActorContext<Command> context,
            CoordinatorMachine machine,
            RunEvents events,
            RunEnd end,
            Checkpoints checkpoints) {
        this.context = context;
        this.machine = machine;
        this.events = events;
        this.end = end;
        this.streams = new MemberStreams(machine::published);
        this.checkpoints = checkpoints;
        var self = context.getSelf();
        this.checkpointEnded = written -> self.tell(new CheckpointEnded(written));
    }

    /**
     * Returns the behaviour; it stops by itself when the run is over.
     *
     * @param machine the rules
     * @param events tells of everything worth keeping
     * @param end completes when the run has ended
     * @param resumed whether what the machine stands at is a checkpoint already
     */
    static Behavior<Command> create(
            CoordinatorMachine machine,
            RunEvents events,
            RunEnd end,
            Checkpoints checkpoints,
            boolean resumed) {
        return Guard.around(
                Command.class,
                ProcessPart.COORDINATOR,
                end::failed,
                Behaviors.setup(context ->
                        Behaviors.withTimers(timers -> {
                            timers.startTimerWithFixedDelay(new Tick(), TICK);
                            var actor =
                                    new CoordinatorActor(
                                            context, machine, events, end, checkpoints);
                            checkpoints.begin(
                                    machine.saved(),
                                    resumed,
                                    actor.checkpointEnded,
                                    System.nanoTime());
                            return actor.running();
                        })));
    }

    private Behavior<Command> running() {
        return Behaviors.receive(Command.class)
                .onAnyMessage(this::onCommand)
                .onSignal(PostStop.class, _ -> stopped())
                .build();
    }

    private Behavior<Command> stopped() {
        streams.closeAll();
        end.streamsClosed();
        return Behaviors.same();
    }

    private Behavior<Command> onCommand(Command command) {
        var now = System.nanoTime();
        switch (command) {
            case OfMember(var event) -> onMember(event, now);
            case Tick() -> perform(new MembersEvent.TimePassed(), now);
            case CheckpointEnded(var written) -> checkpoints.written(written);
            case Abandon(var reason) -> abandon(reason, now);
            case Stop(var heard) -> {
                heard.complete(null);
                stopping = true;
            }
        }
        if (stopping) {
            stop(now);
        } else if (!end.isOver()) {
            afterEvent(now);
        }
        return end.isOver() && (streams.isEmpty() || now > farewellNanos)
                ? Behaviors.stopped()
                : Behaviors.same();
    }

    /** Takes a checkpoint if one is due, once the run can be saved. */
    private void afterEvent(long now) {
        if (machine.canBeSaved()) {
            checkpoints.afterEvent(machine.version(), machine::saved, checkpointEnded, now);
        } else if (checkpoints.isDue(machine.version(), now)) {
            machine.collect();
        }
    }

    private void onMember(ServerStreamEvent event, long now) {
        switch (event) {
            case ServerStreamEvent.Joined(var process, var join, var stream) -> {
                streams.add(process, stream);
                perform(new MembersEvent.Joined(process, join), now);
            }
            case ServerStreamEvent.Received(var process, var message, var inLane) -> {
                if (message instanceof ToCoordinator.Ready(_, var levels) && levels == 0) {
                    streams.letFlow(process);
                }
                perform(new MembersEvent.Received(process, message), now);
                if (!inLane) {
                    streams.requestNext(process);
                }
            }
            case ServerStreamEvent.LaneMapped(var process) ->
                    streams.laneMapped(
                            process, received -> context.getSelf().tell(new OfMember(received)));
            case ServerStreamEvent.StreamReady(var process) -> streams.drain(process);
            case ServerStreamEvent.StreamEnded(var process, var reason) -> {
                streams.ended(process);
                perform(new MembersEvent.Left(process, reason), now);
            }
            case ServerStreamEvent.Malformed(var process, var reason, var why) -> {
                streams.end(process, why);
                perform(new MembersEvent.Left(process, reason), now);
            }
            case ServerStreamEvent.Beat(var process) ->
                    perform(new MembersEvent.Beat(process), now);
        }
    }

    /** Takes the last checkpoint, and when it is written ends; the workers will look for us. */
    private void stop(long now) {
        if (!halted && !end.isOver()) {
            stopNanos = stopNanos == 0 ? now : stopNanos;
            halted = halts(now);
        }
        if (halted && !end.isOver()) {
            machine.halt();
            if (!checkpoints.isWriting()) {
                farewellNanos = now - 1;
                events.tell(new RunEvent.Stopped(machine.version(), checkpoints.failure()));
            }
        }
    }

    /**
     * Takes the last checkpoint; tells whether nothing more is waited for. Where the run cannot be
     * saved in time, the checkpoint before is the last one.
     */
    private boolean halts(long now) {
        if (machine.canBeSaved()) {
            return checkpoints.takeLast(machine.saved(), checkpointEnded, now);
        }
        machine.collect();
        return now - stopNanos > FAREWELL.toNanos() && !checkpoints.isWriting();
    }

    /** Goes back to the last checkpoint, as its copy in memory has it. */
    private void rewind(String reason, long now) {
        var start = checkpoints.copy();
        if (start.isEmpty()) {
            perform(
                    new Decision.Aborted(
                            Decision.Failure.NO_WORKERS,
                            reason + ": there is no checkpoint to go back to"),
                    now);
            machine.halt();
            return;
        }
        var from = machine.version();
        var decisions = machine.rewind(start.get(), now);
        events.tell(
                new RunEvent.WentBack(
                        machine.version(),
                        checkpoints.counted(),
                        machine.firstAttempt(),
                        "%s: the run goes back from step %d to step %d"
                                .formatted(reason, from, machine.version())));
        decisions.forEach(decision -> perform(decision, now));
    }

    private void abandon(String reason, long now) {
        if (!end.isOver() && !stopping) {
            machine.halt();
            perform(new Decision.Aborted(Decision.Failure.NO_WORKERS, reason), now);
        }
    }

    private void perform(MembersEvent event, long now) {
        for (var decision : machine.on(event, now)) {
            perform(decision, now);
        }
    }

    private void perform(Decision decision, long turnNanos) {
        switch (decision) {
            case Decision.Send(var process, var message) -> streams.send(process, message);
            case Decision.Publish(var process, var version) -> streams.publish(process, version);
            case Decision.ChunkStepped(var version, var chunk) ->
                    streams.publishAhead(version, chunk);
            case Decision.Admitted(var process, var info, var workers) ->
                    events.tell(new RunEvent.MemberJoined(process, info, workers));
            case Decision.Refuse(var process, var rejection) -> {
                events.refused(process, rejection);
                streams.refuse(process, rejection);
            }
            case Decision.Drop(var process, var workers, var reason) -> {
                events.tell(new RunEvent.MemberLost(process, workers, reason));
                streams.drop(process, reason);
            }
            case Decision.Depart(var process, _, var reason) -> {
                events.tell(new RunEvent.MemberLeft(process, reason));
                streams.finish(process);
            }
            case Decision.Rejected(var process, var rejection) ->
                    events.tell(new RunEvent.MessageRejected(process, rejection));
            case Decision.Note(var line) -> events.note(line);
            case Decision.Warning(var line) -> events.warn(line);
            case Decision.Audited(var kind, var step, var line) ->
                    events.tell(new RunEvent.Audited(kind, step, line));
            case Decision.StatesLost(var reason) -> rewind(reason, turnNanos);
            case Decision.StepTaken(var report) ->
                    events.stepTaken(report, System.nanoTime() - turnNanos);
            case Decision.PartEvaluated(var step, var epoch, var part, var totals) ->
                    events.tell(new RunEvent.Evaluated(step, epoch, part, totals));
            case Decision.EpochEnded(var entry) -> {
                events.tell(new RunEvent.EpochEnded(entry));
                if (!entry.exact()) {
                    events.warn(
                            "the ledger of epoch %d is not exact: %s"
                                    .formatted(entry.epoch(), entry));
                }
            }
            case Decision.Completed() -> {
                events.tell(new RunEvent.Completed());
                endAll(turnNanos);
            }
            case Decision.Aborted(var kind, var reason) -> {
                if (kind != Decision.Failure.DIVERGED && machine.canBeSaved()) {
                    checkpoints.takeLast(machine.saved(), checkpointEnded, turnNanos);
                }
                events.tell(new RunEvent.Aborted(kind, reason));
                endAll(turnNanos);
            }
        }
    }

    /** Lets every stream finish its queue; a peer that does not read it in time is left behind. */
    private void endAll(long now) {
        farewellNanos = now + FAREWELL.toNanos();
        streams.finishAll();
    }
}
