package dev.tutti.coordinator;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import dev.tutti.common.chaos.StruckFault;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.format.Sha256;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.step.compute.Baseline;
import dev.tutti.common.step.compute.WholeBatchGradient;
import dev.tutti.common.step.coordinate.CoordinatorMachine;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.coordinator.checkpoint.CheckpointWriter;
import dev.tutti.coordinator.checkpoint.Checkpoints;
import dev.tutti.coordinator.checkpoint.LastWrites;
import dev.tutti.coordinator.checkpoint.StoppedRun;
import dev.tutti.coordinator.file.Disk;
import dev.tutti.coordinator.file.OrderFile;
import dev.tutti.coordinator.file.ResumeException;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.coordinator.record.Judge;
import dev.tutti.coordinator.record.MetricsLog;
import dev.tutti.coordinator.record.ModelFile;
import dev.tutti.coordinator.record.ObservationLog;
import dev.tutti.coordinator.record.OrderLog;
import dev.tutti.coordinator.record.ParameterNames;
import dev.tutti.coordinator.record.RunEnd;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunEvents;
import dev.tutti.coordinator.record.RunFigures;
import dev.tutti.coordinator.record.RunLog;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.coordinator.record.RunReport;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.coordinator.record.StepLog;
import dev.tutti.coordinator.stream.DataFile;
import dev.tutti.coordinator.stream.TrafficCounter;
import dev.tutti.coordinator.stream.TrainingService;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.ServerEnd;
import dev.tutti.proto.Transport;
import dev.tutti.proto.failure.Reason;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import dev.tutti.proto.shared.SharedRun;
import io.grpc.Server;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running coordinator: the actor, its servers and the run's files, from start to outcome. */
public final class Coordinator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);
    private static final String DISPATCHER = "tutti.event-loop";

    private final RunPlan plan;
    private final Disk disk = Disk.REAL;
    private final Model model;
    private final Arena arena;
    private final Optional<SharedRun> shared;
    private final TrainingState state;
    private final RunFiles files;
    private final RunFigures figures;
    private final SamplePlan samples;
    private final RunEvents events;
    private final RunEnd end = new RunEnd();
    private final TrafficCounter traffic;
    private final LastWrites lastWrites;
    private final CheckpointWriter checkpointWriter;
    private final AtomicInteger networkProcesses = new AtomicInteger();
    private volatile boolean stopAsked;
    private final List<Server> servers = new CopyOnWriteArrayList<>();
    private final ExecutorService executor;
    private final Baseline.Figures baseline;
    private final Judge judge;
    private final Supplier<Kernel> kernel;
    private final Supplier<List<StruckFault>> faults;
    private @Nullable ActorRef<CoordinatorActor.Command> actor;

    private Coordinator(
            RunPlan plan,
            Dataset dataset,
            List<Transport> transports,
            List<RunObserver> observers,
            Judge judge,
            Supplier<Kernel> kernel,
            Supplier<List<StruckFault>> faults)
            throws IOException {
        this.plan = plan;
        this.judge = judge;
        this.kernel = kernel;
        this.faults = faults;
        this.figures = RunFigures.of(plan.from().map(StoppedRun::figures), dataset.labelled());
        this.traffic = new TrafficCounter(figures.sentBytes(), figures.receivedBytes());
        this.model = plan.spec().buildModel();
        this.baseline = baseline(plan.spec(), dataset);
        // Workers of this JVM read the weights in place and may outlive the run by a moment.
        this.arena = Arena.ofAuto();
        var early = new ArrayList<String>();
        this.shared =
                share(
                        transports,
                        keptVersions(),
                        model.vectorLength(),
                        plan.spec().wire().precision(),
                        early::add);
        this.state = allocated();
        this.files = new RunFiles(plan.directory(), figures.stepsBytes(), figures.epochsBytes());
        this.samples = new SamplePlan(plan.spec(), dataset);
        var orderLog = samples.isLive() ? Optional.of(orderLog()) : Optional.<OrderLog>empty();
        this.events = new RunEvents(observers(observers, orderLog, dataset), traffic);
        early.forEach(events::warn);
        this.lastWrites = new LastWrites(plan.keeping(), plan.directory(), events::warn);
        this.checkpointWriter =
                new CheckpointWriter(
                        files,
                        plan.directory(),
                        disk,
                        plan.checkpoints().kept(),
                        plan.keeping(),
                        lastWrites);
        if (files.steps().bytes() < figures.stepsBytes()
                || files.epochs().bytes() < figures.epochsBytes()) {
            events.warn("steps.jsonl or epochs.jsonl is shorter than it was: lines are missing");
        }
        // Serves what may take its time, such as the data; frames are taken where they are read.
        this.executor =
                Executors.newFixedThreadPool(
                        Runtime.getRuntime().availableProcessors(),
                        Threads.factory(ProcessPart.CALLS));
    }

    /**
     * Starts a run: it begins as soon as enough workers have joined.
     *
     * @param system hosts the actor
     * @param dataset the data, whose file is {@code data}
     * @param transports where workers may come from
     * @param observers are told what happens
     * @param judge is asked once, at the end
     * @param kernel proves steps; is asked for once, if any are to be proved
     * @param faults returns those that were ordered and have struck; is asked once, at the end
     * @throws IOException if a port or a file cannot be had
     */
    public static Coordinator start(
            ActorSystem<?> system,
            RunPlan plan,
            Dataset dataset,
            DataFile data,
            List<Transport> transports,
            List<RunObserver> observers,
            Judge judge,
            Supplier<Kernel> kernel,
            Supplier<List<StruckFault>> faults)
            throws IOException {
        var coordinator =
                new Coordinator(plan, dataset, transports, observers, judge, kernel, faults);
        try {
            coordinator.start(system, dataset, data, transports);
            return coordinator;
        } catch (IOException | RuntimeException | Error e) {
            coordinator.close();
            throw e;
        }
    }

    /** Returns all observers: first who keeps the record, last who waits for the end. */
    private List<RunObserver> observers(
            List<RunObserver> outside, Optional<OrderLog> order, Dataset dataset)
            throws IOException {
        var all = new ArrayList<RunObserver>(List.of(figures, new RunLog()));
        all.add(new StepLog(files, figures, this::digest, plan.digestEvery(), this::warn));
        all.add(
                new MetricsLog(
                        files.open(RunFiles.METRICS, figures.metricsBytes()),
                        dataset.labelled(),
                        InstantSource.system(),
                        this::warn));
        order.ifPresent(all::add);
        if (plan.observing().isAny()) {
            all.add(observationLog());
        }
        all.addAll(outside);
        all.add(end);
        return all;
    }

    /** Goes on behind the order that the run's folder has, of this run or of one to replay. */
    private OrderLog orderLog() throws IOException {
        if (!OrderFile.isIn(plan.directory())) {
            var file = files.open(OrderFile.NAME, 0);
            file.append(OrderFile.firstLine(plan.configuration()));
            return new OrderLog(file, 0, this::warn);
        }
        var before = OrderFile.read(plan.directory());
        before.requireSame(plan.configuration());
        var reached = plan.from().map(StoppedRun::step).orElse(0L);
        if (before.steps().size() < reached) {
            throw new ResumeException(
                    "%s has %d steps, the checkpoint is of step %d: the order between is lost"
                            .formatted(OrderFile.NAME, before.steps().size(), reached));
        }
        try {
            samples.goOnBehind(before.steps());
        } catch (IllegalArgumentException e) {
            throw new ResumeException(
                    "%s is damaged: %s".formatted(OrderFile.NAME, e.getMessage()));
        }
        return new OrderLog(
                files.open(OrderFile.NAME, before.bytes()), before.steps().size(), this::warn);
    }

    private ObservationLog observationLog() throws IOException {
        var observing = plan.observing();
        return new ObservationLog(
                observing.needsWholeVectors()
                        ? Optional.of(
                                files.open(RunFiles.OBSERVATIONS, figures.observationsBytes()))
                        : Optional.empty(),
                observing.digestEvery() > 0
                        ? Optional.of(files.open(RunFiles.DIGESTS, figures.digestsBytes()))
                        : Optional.empty(),
                figures,
                ParameterNames.layers(model),
                event -> events.tell(event));
    }

    private void warn(String line) {
        events.warn(line);
    }

    /** Returns how many earlier versions of the weights may be kept, those of before included. */
    private int keptVersions() {
        var before =
                plan.from()
                        .map(stopped -> stopped.checkpoint().position().versions().size())
                        .orElse(0);
        return Math.max(before, MemoryNeed.versions(plan.spec(), plan.limits().startWorkers()));
    }

    private static Optional<SharedRun> share(
            List<Transport> transports,
            int kept,
            long floats,
            Precision wire,
            Consumer<String> warn)
            throws IOException {
        SharedRun.removeLeftOvers();
        if (transports.stream().allMatch(t -> t.carrier() == Carrier.INLINE)) {
            return Optional.empty();
        }
        var isNeeded = transports.stream().anyMatch(t -> t.carrier() == Carrier.SHARED);
        if (!isNeeded && !SharedRun.isAvailable()) {
            return Optional.empty();
        }
        try {
            var made = SharedRun.create(kept, floats, wire);
            LOG.info("shared memory in {}", made.folder());
            return Optional.of(made);
        } catch (IOException e) {
            if (isNeeded) {
                throw e;
            }
            warn.accept(
                    "no shared memory for processes of this machine: %s; tensors go through their streams"
                            .formatted(Reason.of(e)));
            return Optional.empty();
        }
    }

    private TrainingState allocated() throws IOException {
        try {
            return allocate();
        } catch (RuntimeException | Error e) {
            if (shared.isPresent()) {
                shared.get().close();
            }
            throw e;
        }
    }

    /**
     * Returns a state of zeros; what workers get of it is where other processes can read it, if any
     * may.
     */
    private TrainingState allocate() {
        var slots = plan.rule().optimizer().slotCount() + plan.spec().syncMode().slotCount();
        var wire = plan.spec().wire().precision();
        var sendsChanges = !plan.spec().changeCompressor().isNeutral();
        return shared.map(
                        memory -> {
                            var places = new AtomicInteger();
                            return TrainingState.allocate(
                                    arena,
                                    model,
                                    slots,
                                    wire,
                                    sendsChanges,
                                    () -> memory.weights(places.getAndIncrement()));
                        })
                .orElseGet(() -> TrainingState.allocate(arena, model, slots, wire, sendsChanges));
    }

    private void start(
            ActorSystem<?> system, Dataset dataset, DataFile data, List<Transport> transports)
            throws IOException {
        Floats.copy(plan.startingWeights(), state.weights());
        var machine =
                new CoordinatorMachine(
                        arena,
                        plan.spec(),
                        samples,
                        plan.steps(),
                        plan.limits(),
                        plan.rule(),
                        plan.stopping(),
                        state,
                        index -> ParameterNames.at(model, index),
                        plan.observing(),
                        plan.auditing(),
                        prover(dataset),
                        System.nanoTime());
        plan.from()
                .ifPresent(stopped ->
                        machine.resume(stopped.checkpoint().load(model, state), System.nanoTime()));
        var started =
                system.systemActorOf(
                        CoordinatorActor.create(
                                machine, events, end, checkpoints(), plan.from().isPresent()),
                        "coordinator",
                        DispatcherSelector.fromConfig(DISPATCHER));
        actor = started;
        var processes = new AtomicInteger();
        for (var transport : transports) {
            var service =
                    new TrainingService(
                            event -> started.tell(new CoordinatorActor.OfMember(event)),
                            () -> Optional.of(data),
                            processes,
                            networkProcesses,
                            transport,
                            shared);
            servers.add(
                    transport.serve(service.definition(), executor, traffic, events::turnedAway));
        }
    }

    private Optional<WholeBatchGradient> prover(Dataset dataset) {
        return plan.observing().proveEvery() > 0
                ? Optional.of(new WholeBatchGradient(arena, plan.spec(), dataset, kernel.get()))
                : Optional.empty();
    }

    private Checkpoints checkpoints() {
        return new Checkpoints(
                plan.checkpoints(),
                checkpointWriter,
                events,
                model,
                plan.configuration(),
                () -> measured().copy());
    }

    /** Returns the figures, those included that no event changes. */
    private RunFigures measured() {
        figures.measured(networkProcesses.get(), traffic, files, port());
        return figures;
    }

    /**
     * Stops the run so that it can go on later: takes a checkpoint and ends. The outcome tells when
     * that is done.
     *
     * @return completes when the actor has heard of it; one that hangs never does
     */
    public CompletionStage<?> stop() {
        stopAsked = true;
        if (end.isOver()) {
            lastWrites.giveUp();
        }
        var heard = new CompletableFuture<>();
        if (actor == null) {
            heard.complete("nothing to stop");
        } else {
            actor.tell(new CoordinatorActor.Stop(heard));
        }
        return heard;
    }

    /** Ends the run for want of workers, which will not come. */
    public void abandon(String reason) {
        if (actor != null) {
            actor.tell(new CoordinatorActor.Abandon(reason));
        }
    }

    /** Ends the run by a failure of something else in this process that it needs. */
    public void failed(Throwable cause) {
        end.failed(cause);
    }

    /** Returns what the model must be better than, over the samples that are looked at last. */
    private static Baseline.Figures baseline(RunSpec spec, Dataset dataset) {
        var split = spec.split(dataset);
        return Baseline.of(dataset, split.train())
                .over(
                        dataset,
                        split.test().length > 0 ? split.test() : split.validation(),
                        Losses.CATALOGUE.parse(spec.loss()));
    }

    /** Returns the port of the first server that has one. */
    public int port() {
        return servers.stream()
                .mapToInt(Server::getPort)
                .filter(port -> port > 0)
                .findFirst()
                .orElse(0);
    }

    /** Returns how the run ended, once its files are written. */
    public CompletionStage<RunOutcome> outcome() {
        return end.ending()
                .thenApplyAsync(ending ->
                        switch (ending) {
                            case RunEvent.Completed() -> finish();
                            case RunEvent.Aborted(var kind, var reason) -> {
                                checkpointWriter.close();
                                yield new RunOutcome.Aborted(kind, reason, resumable());
                            }
                            case RunEvent.Stopped(var step, var failure) ->
                                    new RunOutcome.Stopped(step, failure, resumable());
                        });
    }

    /** Returns the folder that has the newest checkpoint. */
    private Optional<Path> resumable() {
        return lastWrites
                .rescued()
                .or(() -> Optional.of(plan.directory()))
                .filter(StoppedRun::isIn);
    }

    /** Writes the results, and returns where. */
    private RunOutcome finish() {
        var digest = digest();
        var summary = summary(digest);
        var weights = ModelFile.content(model, state.weights(), plan.modelMetadata(), digest);
        var keeping = plan.keeping();
        try {
            var folder =
                    lastWrites.write(
                            "the results",
                            stopAsked ? keeping.patienceAtStop() : keeping.patience(),
                            place -> {
                                if (!Files.isDirectory(place)) {
                                    Files.createDirectories(place);
                                }
                                keeping.keepConfiguration(place, disk);
                                disk.replace(place.resolve(ModelFile.NAME), weights);
                                disk.replace(
                                        place.resolve(RunSummary.FILE),
                                        RunFiles.json(summary.values()));
                            });
            return new RunOutcome.Completed(summary, folder);
        } catch (IOException e) {
            return new RunOutcome.Unwritten(Reason.of(e), resumable());
        }
    }

    /** A run of hours is not lost because its report fails. */
    private @Nullable RunReport report() {
        try {
            return judge.report(state.weights()).orElse(null);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.warn("no report", e);
            events.warn(
                    "the result has no report: %s; tutti evaluate gives one"
                            .formatted(Reason.of(e)));
            return null;
        }
    }

    private String digest() {
        return Sha256.hex(state.weights());
    }

    private RunSummary summary(String digest) {
        return new RunSummary(
                plan.name(),
                model.text(),
                plan.spec(),
                model.parameterCount(),
                baseline,
                measured(),
                report(),
                digest,
                faults.get());
    }

    /** Stops the servers, ends a write that has begun, and closes the run's files. */
    @Override
    public void close() {
        servers.forEach(Server::shutdown);
        for (var server : servers) {
            ServerEnd.await(server);
        }
        executor.shutdownNow();
        checkpointWriter.close();
        close(files);
        shared.ifPresent(Coordinator::close);
    }

    /** A run that is over does not fail for a file that it closes too late. */
    private static void close(Closeable opened) {
        try {
            opened.close();
        } catch (IOException e) {
            LOG.warn("cannot close a file: {}", e.toString());
        }
    }
}
