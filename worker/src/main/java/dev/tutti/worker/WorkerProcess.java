package dev.tutti.worker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tutti.common.average.Payload;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.compute.GradientCompression;
import dev.tutti.common.step.compute.GradientSource;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.step.worker.WorkerDecision;
import dev.tutti.common.step.worker.WorkerEvent;
import dev.tutti.common.step.worker.WorkerMachine;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Frame;
import dev.tutti.proto.life.Guard;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import dev.tutti.proto.shared.WorkerLane;
import io.grpc.Channel;
import io.grpc.Status;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The actor of a worker process: owns the way up to the coordinator and the machine of the current
 * membership, and supervises the workers. All rules are the machine's.
 *
 * <p>A membership is a session with a number; what arrives for an earlier one is dropped.
 */
public final class WorkerProcess {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
    private static final String PROCESS_DISPATCHER = "tutti.event-loop";
    private static final String COMPUTE_DISPATCHER = "tutti.compute-loops";

    /** What the actor is told. */
    public sealed interface Command {}

    /** The stream, or the heartbeat, of a session has something to tell. */
    record OfStream(ClientStreamEvent event) implements Command {}

    /** The data is there, and a source of gradients for each worker. */
    record DataLoaded(int session, Map<WorkerId, Source> sources) implements Command {}

    /** Where the gradients of a worker come from, and how they are compressed. */
    record Source(GradientSource gradients, GradientCompression compression) {}

    /** The data could not be had. */
    record DataFailed(int session, String reason) implements Command {}

    /** There is too little memory for the data, or for what the workers compute with. */
    record OutOfMemory(int session, WorkerOutcome outcome) implements Command {}

    /** A worker reports. */
    record Reported(int session, WorkerEvent event) implements Command {}

    /** A stream has ended, and all that came through it has been dealt with. */
    record Settled(int session, Status status) implements Command {}

    /** Connect again. */
    record Connect() implements Command {}

    /** Look whether the coordinator has answered. */
    record Unanswered() implements Command {}

    /** End in order: finish what is begun, return the rest. */
    record Leave(String reason) implements Command {}

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final WorkerConfig config;
    private final CompletableFuture<WorkerOutcome> outcome;
    private final Uplink uplink;
    private final Map<WorkerId, ActorRef<WorkerActor.Command>> workers = new HashMap<>();
    private boolean leaving;
    private @Nullable WorkerMachine machine;
    private @Nullable VectorPool pool;
    private Function<Precision, Payload> gradientVectors = _ -> Frame.NO_PAYLOAD;
    private Handover handover = Handover.IN_CHUNKS;

    private WorkerProcess(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            WorkerConfig config,
            CompletableFuture<WorkerOutcome> outcome) {
        this.context = context;
        this.timers = timers;
        this.config = config;
        this.outcome = outcome;
        var self = context.getSelf();
        this.uplink =
                new Uplink(
                        config.transport(),
                        config.patience(),
                        event -> self.tell(new OfStream(event)),
                        config.sendFaults());
    }

    /** Starts a worker process and returns how it ends. */
    public static CompletionStage<WorkerOutcome> start(
            ActorSystem<?> system, String name, WorkerConfig config) {
        return start(system, name, config, new CompletableFuture<>());
    }

    /**
     * Starts a worker process and returns how it ends.
     *
     * @param leave once complete, with a reason, the process ends in order
     */
    public static CompletionStage<WorkerOutcome> start(
            ActorSystem<?> system,
            String name,
            WorkerConfig config,
            CompletionStage<String> leave) {
        var outcome = new CompletableFuture<WorkerOutcome>();
        var actor =
                system.systemActorOf(
                        create(config, outcome),
                        name,
                        DispatcherSelector.fromConfig(PROCESS_DISPATCHER));
        leave.thenAccept(reason -> actor.tell(new Leave(reason)));
        return outcome;
    }

    private static Behavior<Command> create(
            WorkerConfig config, CompletableFuture<WorkerOutcome> outcome) {
        return Guard.around(
                Command.class,
                ProcessPart.WORKER_PROCESS,
                outcome::completeExceptionally,
                Behaviors.setup(context ->
                        Behaviors.withTimers(timers ->
                                new WorkerProcess(context, timers, config, outcome).running())));
    }

    private Behavior<Command> running() {
        join();
        return Behaviors.receive(Command.class)
                .onAnyMessage(this::onCommand)
                .onSignal(PostStop.class, _ -> stopped())
                .build();
    }

    private Behavior<Command> stopped() {
        uplink.close();
        outcome.complete(
                new WorkerOutcome(WorkerOutcome.Kind.ABORTED, "the worker process was stopped"));
        return Behaviors.same();
    }

    private Behavior<Command> onCommand(Command command) {
        switch (command) {
            case OfStream(var event) -> onStream(event);
            case Reported(var of, var event) when of == uplink.session() -> perform(event);
            case DataLoaded(var of, var sources) when of == uplink.session() -> {
                sources.forEach((id, source) -> startWorker(id, source, sources.size()));
                perform(new WorkerEvent.DataLoaded());
            }
            case DataFailed(var of, var reason) when of == uplink.session() ->
                    end(new WorkerOutcome(WorkerOutcome.Kind.DATA, reason));
            case OutOfMemory(var of, var ended) when of == uplink.session() -> end(ended);
            case Settled(var of, var status) when of == uplink.session() -> streamEnded(status);
            case Connect() -> join();
            case Unanswered() -> uplink.tellOfWait();
            case Leave(var reason) -> wantToLeave(reason);
            case Reported(_, WorkerEvent.Computed computed) -> computed.gradient().release();
            case Reported _, DataLoaded _, DataFailed _, OutOfMemory _, Settled _ -> {}
        }
        return outcome.isDone() ? Behaviors.stopped() : Behaviors.same();
    }

    private void onStream(ClientStreamEvent event) {
        if (!uplink.accepts(event)) {
            return;
        }
        switch (event) {
            case ClientStreamEvent.Received(_, var message) -> received(message);
            case ClientStreamEvent.Ready _ -> uplink.drain();
            case ClientStreamEvent.Ended(var of, var status) -> {
                // What came through shared memory before the stream's end still counts.
                uplink.rest().forEach(message -> perform(new WorkerEvent.Received(message)));
                // What was read from the lane just before may stand behind this in the mailbox.
                context.getSelf().tell(new Settled(of, status));
            }
            case ClientStreamEvent.NotMember _ -> {
                LOG.warn(
                        "the coordinator no longer counts this process as a member: joining again");
                streamEnded(Status.ABORTED);
            }
        }
    }

    // ---- the connection

    private void join() {
        uplink.join(config.info());
        timers.startSingleTimer(Unanswered.class, new Unanswered(), Uplink.QUIET);
    }

    private void streamEnded(Status status) {
        leaveSession();
        if (leaving) {
            end(new WorkerOutcome(WorkerOutcome.Kind.LEFT, "left without a coordinator"));
            return;
        }
        switch (uplink.after(status)) {
            case Reconnection.Next.GiveUp(var ended) -> end(ended);
            case Reconnection.Next.Retry(var pause, _) ->
                    timers.startSingleTimer(new Connect(), pause);
        }
    }

    private void leaveSession() {
        machine = null;
        uplink.leave();
        workers.values().forEach(context::stop);
        workers.clear();
    }

    private void wantToLeave(String reason) {
        leaving = true;
        if (machine == null) {
            end(new WorkerOutcome(WorkerOutcome.Kind.LEFT, "left before the run"));
        } else {
            LOG.info("leaving the run: {}", reason);
            perform(new WorkerEvent.LeaveWanted(reason));
        }
    }

    private void end(WorkerOutcome ended) {
        leaveSession();
        outcome.complete(ended);
    }

    // ---- the membership

    private void received(ToWorker message) {
        uplink.answered();
        if (machine == null && message instanceof ToWorker.Welcome welcome) {
            welcomed(welcome);
        } else {
            perform(new WorkerEvent.Received(message));
        }
        uplink.requestNext(message);
    }

    private void welcomed(ToWorker.Welcome welcome) {
        if (welcome.workers().size() != config.info().workers()) {
            refuse(
                    "%d workers for a process of %d"
                            .formatted(welcome.workers().size(), config.info().workers()));
            return;
        }
        try {
            begin(welcome);
        } catch (IllegalArgumentException | ArithmeticException e) {
            refuse(String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            end(tooLarge(e));
        }
    }

    private WorkerOutcome tooLarge(OutOfMemoryError e) {
        return new WorkerOutcome(
                WorkerOutcome.Kind.RESOURCES,
                "too little memory here for the run of %s: %s"
                        .formatted(config.transport().address(), e.getMessage()));
    }

    /** The coordinator wants what cannot be, or not here: trying again would not help. */
    private void refuse(String why) {
        end(
                new WorkerOutcome(
                        WorkerOutcome.Kind.REFUSED,
                        "the run of %s cannot be computed here: %s"
                                .formatted(config.transport().address(), why)));
    }

    private void begin(ToWorker.Welcome welcome) {
        var model = welcome.spec().buildModel();
        var length = model.vectorLength();
        var lane = uplink.offered().filter(offered -> offered.vectorFloats() == length);
        if (lane.isEmpty() && config.transport().carrier() == Carrier.SHARED) {
            end(
                    new WorkerOutcome(
                            WorkerOutcome.Kind.REFUSED,
                            "%s shares no memory with this process: it is on another host, or does not offer it; take --carrier auto"
                                    .formatted(config.transport().address())));
            return;
        }
        var shortage = config.ground().apply(need(welcome, model, lane.isPresent()));
        if (shortage.isPresent()) {
            end(new WorkerOutcome(WorkerOutcome.Kind.RESOURCES, shortage.get()));
            return;
        }
        lane.ifPresent(uplink::map);
        LOG.info(
                "member of the run as {} with {}, gradients through {}",
                welcome.process(),
                welcome.workers(),
                lane.isPresent() ? "shared memory" : "the stream");
        var lent = new VectorPool(Arena.ofAuto(), length);
        pool = lent;
        gradientVectors =
                lane.<Function<Precision, Payload>>map(mapped -> vectors(mapped, lent))
                        .orElse(lent::lend);
        handover =
                config.transport().inPlace() || lane.isPresent()
                        ? Handover.WHOLE
                        : Handover.IN_CHUNKS;
        machine =
                new WorkerMachine(
                        Arena.ofAuto(),
                        welcome,
                        length,
                        gradient ->
                                lane.map(l -> l.holds(gradient))
                                        .orElse(handover == Handover.WHOLE));
        uplink.beat(welcome);
        machine.start().forEach(this::perform);
    }

    /** Returns what this process needs at least: how many others will come is not known. */
    private MemoryNeed need(ToWorker.Welcome welcome, Model model, boolean sharesMemory) {
        var receives = !sharesMemory && !config.transport().inPlace();
        return MemoryNeed.ofWorkers(
                welcome.spec(),
                model,
                welcome.workers().size(),
                welcome.spec().shards(),
                sharesMemory,
                receives);
    }

    /** Returns what lends shared memory as far as there is any, and else memory of this process. */
    private static Function<Precision, Payload> vectors(WorkerLane lane, VectorPool pool) {
        return precision -> lane.borrow(precision).orElseGet(() -> pool.lend(precision));
    }

    private void perform(WorkerEvent event) {
        if (machine != null) {
            machine.on(event).forEach(this::perform);
        }
    }

    private void perform(WorkerDecision decision) {
        switch (decision) {
            case WorkerDecision.Send(var message) -> uplink.send(message);
            case WorkerDecision.LoadData(var welcome) -> loadData(welcome);
            case WorkerDecision.Compute(var lease, var weights, var known, var before) -> {
                var worker = workers.get(lease.worker());
                if (worker != null) {
                    worker.tell(new WorkerActor.Compute(lease, weights, known, before));
                }
            }
            case WorkerDecision.Leave(var complete, var reason) ->
                    end(
                            new WorkerOutcome(
                                    complete
                                            ? WorkerOutcome.Kind.COMPLETE
                                            : leaving
                                                    ? WorkerOutcome.Kind.LEFT
                                                    : WorkerOutcome.Kind.ABORTED,
                                    reason));
        }
    }

    private void loadData(ToWorker.Welcome welcome) {
        var current = uplink.session();
        var self = context.getSelf();
        var vectors = pool;
        if (vectors == null) {
            return;
        }
        var coordinator = uplink.channel();
        Threads.startVirtual(
                ProcessPart.DATA, () -> self.tell(load(welcome, coordinator, current, vectors)));
    }

    /**
     * Gets the data and makes the workers' sources; runs beside the actor, for it may take long.
     */
    private Command load(
            ToWorker.Welcome welcome, Channel coordinator, int current, VectorPool vectors) {
        try {
            var spec = welcome.spec();
            var model = spec.buildModel();
            var data = config.data().get(spec, coordinator);
            var sources = new HashMap<WorkerId, Source>();
            for (var worker : welcome.workers()) {
                sources.put(
                        worker,
                        new Source(
                                source(welcome, model, data, vectors),
                                new GradientCompression(spec, model)));
            }
            return new DataLoaded(current, sources);
        } catch (FetchBrokenException e) {
            return new OfStream(e.endOf(current));
        } catch (DataException e) {
            return new DataFailed(current, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException | ArithmeticException e) {
            return new DataFailed(current, "could not prepare the run: " + e.getMessage());
        } catch (OutOfMemoryError e) {
            return new OutOfMemory(current, tooLarge(e));
        } catch (RuntimeException e) {
            LOG.error("could not prepare the run", e);
            return new DataFailed(current, "could not prepare the run: " + e);
        }
    }

    private GradientSource source(
            ToWorker.Welcome welcome, Model model, Dataset data, VectorPool vectors) {
        return config.gradients()
                .make(Arena.ofAuto(), welcome.spec(), data, model, config.kernel(), vectors);
    }

    private void startWorker(WorkerId id, Source source, int count) {
        var current = uplink.session();
        var self = context.getSelf();
        workers.put(
                id,
                context.spawn(
                        Guard.around(
                                WorkerActor.Command.class,
                                ProcessPart.WORKER,
                                outcome::completeExceptionally,
                                WorkerActor.create(
                                        source.gradients(),
                                        source.compression(),
                                        gradientVectors,
                                        handover,
                                        event -> self.tell(new Reported(current, event)))),
                        "worker-" + id.number() + "-" + current,
                        dispatcherFor(count)));
    }

    /**
     * A process's only worker shares the process's thread, unless gradients are sent while it
     * computes: that spares two changes of threads in each step, and meanwhile nothing else is to
     * be done.
     */
    private DispatcherSelector dispatcherFor(int count) {
        return count == 1 && !config.transport().inPlace() && handover == Handover.WHOLE
                ? DispatcherSelector.sameAsParent()
                : DispatcherSelector.fromConfig(COMPUTE_DISPATCHER);
    }
}
