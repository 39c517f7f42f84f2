package dev.tutti.deploy.relay;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.relay.RelayDecision;
import dev.tutti.common.step.relay.RelayEvent;
import dev.tutti.common.step.relay.RelayMachine;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.coordinator.record.ParameterNames;
import dev.tutti.coordinator.stream.DataFile;
import dev.tutti.coordinator.stream.MemberStreams;
import dev.tutti.coordinator.stream.ServerStreamEvent;
import dev.tutti.proto.life.Guard;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import dev.tutti.worker.ClientStreamEvent;
import dev.tutti.worker.FetchBrokenException;
import dev.tutti.worker.Reconnection;
import dev.tutti.worker.Uplink;
import dev.tutti.worker.WorkerOutcome;
import io.grpc.Channel;
import io.grpc.Status;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The actor of a relay: owns the streams to its members, the way up to the coordinator above, and
 * the machine of the current membership there. All rules are the machine's.
 *
 * <p>A process that asks to join waits until this relay is a member itself, for it is the
 * coordinator that says what to compute. When that membership ends, those of the members end.
 */
final class RelayProcess {
    private static final Logger LOG = LoggerFactory.getLogger(RelayProcess.class);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    /** What the actor is told. */
    sealed interface Command {}

    /** A member said something, or its stream did. */
    record OfMember(ServerStreamEvent event) implements Command {}

    /** The stream to the coordinator has something to tell. */
    record OfStream(ClientStreamEvent event) implements Command {}

    /** The dataset file is there, and the machine that knows which sample is where. */
    record DataLoaded(int session, DataFile file, RelayMachine machine) implements Command {}

    /** The dataset file could not be had. */
    record DataFailed(int session, String reason) implements Command {}

    /** Connect again. */
    record Connect() implements Command {}

    /** Time passed. */
    record Tick() implements Command {}

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final RelayConfig config;
    private final AtomicReference<Optional<DataFile>> data;
    private final CompletableFuture<WorkerOutcome> outcome;
    private final Uplink uplink;
    private final MemberStreams members;
    private final Map<ProcessId, ToCoordinator.Join> waiting = new LinkedHashMap<>();
    private @Nullable RelayMachine machine;
    private @Nullable WorkerOutcome ending;
    private long farewellNanos;

    private RelayProcess(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            RelayConfig config,
            AtomicReference<Optional<DataFile>> data,
            CompletableFuture<WorkerOutcome> outcome) {
        this.context = context;
        this.timers = timers;
        this.config = config;
        this.data = data;
        this.outcome = outcome;
        var self = context.getSelf();
        this.members = new MemberStreams(this::published);
        this.uplink =
                new Uplink(
                        config.above(), config.patience(), event -> self.tell(new OfStream(event)));
    }

    /**
     * Returns the behaviour; it stops by itself when the run is over or given up.
     *
     * @param data where the dataset file is to be served from, once it is there
     * @param outcome is told how it ended
     */
    static Behavior<Command> create(
            RelayConfig config,
            AtomicReference<Optional<DataFile>> data,
            CompletableFuture<WorkerOutcome> outcome) {
        return Guard.around(
                Command.class,
                ProcessPart.RELAY,
                outcome::completeExceptionally,
                Behaviors.setup(context ->
                        Behaviors.withTimers(timers -> {
                            timers.startTimerWithFixedDelay(new Tick(), TICK);
                            return new RelayProcess(context, timers, config, data, outcome)
                                    .running();
                        })));
    }

    private Behavior<Command> running() {
        return Behaviors.receive(Command.class)
                .onAnyMessage(this::onCommand)
                .onSignal(PostStop.class, _ -> stopped())
                .build();
    }

    private Behavior<Command> stopped() {
        members.closeAll();
        leaveSession();
        uplink.close();
        outcome.complete(
                ending != null
                        ? ending
                        : new WorkerOutcome(WorkerOutcome.Kind.ABORTED, "the relay was stopped"));
        return Behaviors.same();
    }

    private Behavior<Command> onCommand(Command command) {
        switch (command) {
            case OfMember(var event) -> onMember(event);
            case OfStream(var event) -> onStream(event);
            case DataLoaded(var of, var file, var made) when of == uplink.session() -> {
                data.set(Optional.of(file));
                machine = made;
                var joins = new LinkedHashMap<>(waiting);
                waiting.clear();
                joins.forEach((process, join) -> perform(new MembersEvent.Joined(process, join)));
            }
            case DataFailed(var of, var reason) when of == uplink.session() ->
                    giveUp(new WorkerOutcome(WorkerOutcome.Kind.DATA, reason));
            case DataLoaded _, DataFailed _ -> {}
            case Connect() -> connect();
            case Tick() -> {
                uplink.tellOfWait();
                perform(new MembersEvent.TimePassed());
            }
        }
        return ending != null && (members.isEmpty() || System.nanoTime() > farewellNanos)
                ? Behaviors.stopped()
                : Behaviors.same();
    }

    private PublishedWeights published(long version) {
        return machine != null ? machine.published(version) : PublishedWeights.NONE;
    }

    // ---- the members

    private void onMember(ServerStreamEvent event) {
        switch (event) {
            case ServerStreamEvent.Joined(var process, var join, var opened) -> {
                members.add(process, opened);
                joined(process, join);
            }
            case ServerStreamEvent.Received(var process, var message, var inLane) -> {
                perform(new MembersEvent.Received(process, message));
                if (!inLane) {
                    members.requestNext(process);
                }
            }
            case ServerStreamEvent.LaneMapped(var process) ->
                    members.laneMapped(
                            process, received -> context.getSelf().tell(new OfMember(received)));
            case ServerStreamEvent.StreamReady(var process) -> members.drain(process);
            case ServerStreamEvent.StreamEnded(var process, var reason) -> {
                members.ended(process);
                waiting.remove(process);
                perform(new MembersEvent.Left(process, reason));
            }
            case ServerStreamEvent.Malformed(var process, var reason, var why) -> {
                members.end(process, why);
                waiting.remove(process);
                perform(new MembersEvent.Left(process, reason));
            }
            case ServerStreamEvent.Beat(var process) -> perform(new MembersEvent.Beat(process));
        }
    }

    private void joined(ProcessId process, ToCoordinator.Join join) {
        if (machine != null) {
            perform(new MembersEvent.Joined(process, join));
        } else if (ending == null) {
            waiting.put(process, join);
            if (!uplink.isOpen() && !timers.isTimerActive(Connect.class)) {
                uplink.answered();
                connect();
            }
        }
    }

    // ---- the coordinator above

    /** Joins as a process like the first that waits: what the members compute is this relay's. */
    private void connect() {
        if (waiting.isEmpty() || uplink.isOpen() || ending != null) {
            return;
        }
        var first = waiting.values().iterator().next().info();
        uplink.join(
                new ProcessInfo(
                        1, config.host(), config.pid(), first.kernel(), first.fingerprint()));
    }

    private void onStream(ClientStreamEvent event) {
        if (!uplink.accepts(event)) {
            return;
        }
        switch (event) {
            case ClientStreamEvent.Received(_, var message) -> received(message);
            case ClientStreamEvent.Ready _ -> uplink.drain();
            case ClientStreamEvent.Ended(_, var status) -> streamEnded(status);
            case ClientStreamEvent.NotMember _ -> {
                LOG.warn("the coordinator no longer counts this relay as a member: joining again");
                streamEnded(Status.ABORTED);
            }
        }
    }

    private void received(ToWorker message) {
        uplink.answered();
        if (machine != null) {
            machine.on(new RelayEvent.FromAbove(message), System.nanoTime()).forEach(this::perform);
        } else if (message instanceof ToWorker.Welcome welcome) {
            welcomed(welcome);
        } else if (message instanceof ToWorker.Goodbye(var complete, var reason)) {
            waiting.keySet().forEach(process -> members.send(process, message));
            end(complete, reason);
        }
        uplink.requestNext(message);
    }

    private void welcomed(ToWorker.Welcome welcome) {
        LOG.info("member of the run as {}", welcome.process());
        uplink.beat(welcome);
        var current = uplink.session();
        var self = context.getSelf();
        var coordinator = uplink.channel();
        Threads.startVirtual(
                ProcessPart.DATA, () -> self.tell(load(welcome, coordinator, current)));
    }

    /** Gets the dataset file; runs beside the actor, for it may take long. */
    private Command load(ToWorker.Welcome welcome, Channel coordinator, int current) {
        try {
            var spec = welcome.spec();
            var file = config.data().file(spec, coordinator);
            var model = spec.buildModel();
            var plan = new SamplePlan(spec, DatasetFile.read(file));
            return new DataLoaded(
                    current,
                    new DataFile(List.of(file), spec.dataDigest()),
                    new RelayMachine(
                            Arena.ofAuto(),
                            welcome,
                            plan,
                            model.vectorLength(),
                            index -> ParameterNames.at(model, index)));
        } catch (FetchBrokenException e) {
            return new OfStream(e.endOf(current));
        } catch (DataException e) {
            return new DataFailed(current, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("could not prepare the run", e);
            return new DataFailed(current, "could not prepare the run: " + e);
        }
    }

    private void streamEnded(Status status) {
        if (ending != null) {
            leaveSession();
            return;
        }
        if (machine != null) {
            members.dropAll("the relay has lost its coordinator: join again");
        }
        leaveSession();
        switch (uplink.after(status)) {
            case Reconnection.Next.GiveUp(var ended) -> giveUp(ended);
            case Reconnection.Next.Retry(var pause, _) ->
                    timers.startSingleTimer(Connect.class, new Connect(), pause);
        }
    }

    /** Ends; those that have waited hear why. */
    private void giveUp(WorkerOutcome why) {
        var refusal = new Rejection(Rejection.Kind.NOT_A_MEMBER, why.reason());
        waiting.keySet().forEach(process -> members.refuse(process, refusal));
        end(why);
    }

    private void leaveSession() {
        if (machine != null) {
            machine.close();
            machine = null;
        }
        uplink.leave();
    }

    // ---- decisions

    private void perform(MembersEvent event) {
        if (machine != null) {
            machine.on(new RelayEvent.FromBelow(event), System.nanoTime()).forEach(this::perform);
        } else if (event
                instanceof MembersEvent.Received(_, ToCoordinator.Contribution contribution)) {
            contribution.values().release();
        }
    }

    private void perform(RelayDecision decision) {
        switch (decision) {
            case RelayDecision.Above(var message) -> uplink.send(message);
            case RelayDecision.Below(var ofMembers) -> perform(ofMembers);
            case RelayDecision.WeightsArrived() -> members.drainAll();
            case RelayDecision.Leave(var complete, var reason) -> end(complete, reason);
        }
    }

    private void perform(Decision.OfMembers decision) {
        switch (decision) {
            case Decision.Send(var process, var message) -> members.send(process, message);
            case Decision.Publish(var process, var version) -> members.publish(process, version);
            case Decision.Admitted(var process, var info, var workers) ->
                    LOG.info(
                            "joined: {} is {}: {}, kernel {}",
                            process,
                            workers,
                            info,
                            info.kernel());
            case Decision.Refuse(var process, var rejection) -> {
                LOG.warn("refused: {}: {}", process, rejection.detail());
                members.refuse(process, rejection);
            }
            case Decision.Drop(var process, _, var reason) -> {
                LOG.warn("{}", reason);
                members.drop(process, reason);
            }
            case Decision.Depart(var process, _, var reason) -> {
                LOG.info("{}", reason);
                members.finish(process);
            }
            case Decision.Rejected(var process, var rejection) ->
                    LOG.warn("rejected from {}: {}", process, rejection.detail());
            case Decision.Note(var line) -> LOG.info("{}", line);
            case Decision.Warning(var line) -> LOG.warn("{}", line);
        }
    }

    private void end(boolean complete, String reason) {
        end(
                new WorkerOutcome(
                        complete ? WorkerOutcome.Kind.COMPLETE : WorkerOutcome.Kind.ABORTED,
                        reason));
    }

    /** Lets every stream finish its queue; a peer that does not read it in time is left behind. */
    private void end(WorkerOutcome how) {
        if (ending == null) {
            ending = how;
            farewellNanos = System.nanoTime() + FAREWELL.toNanos();
            members.finishAll();
        }
    }
}
