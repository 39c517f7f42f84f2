package dev.tutti.deploy.relay;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import dev.tutti.coordinator.stream.DataFile;
import dev.tutti.coordinator.stream.RefusalLog;
import dev.tutti.coordinator.stream.TrafficCounter;
import dev.tutti.coordinator.stream.TrainingService;
import dev.tutti.proto.ServerEnd;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import dev.tutti.worker.WorkerOutcome;
import io.grpc.Server;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running relay: its actor and its server, from start to outcome. */
public final class Relay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final String DISPATCHER = "tutti.event-loop";

    private final CompletableFuture<WorkerOutcome> outcome = new CompletableFuture<>();
    private final ExecutorService executor;
    private final RefusalLog strangers = new RefusalLog();
    private final TrafficCounter traffic = new TrafficCounter(0, 0);
    private final Server server;

    private Relay(ActorSystem<?> system, String name, RelayConfig config) throws IOException {
        this.executor =
                Executors.newFixedThreadPool(
                        Runtime.getRuntime().availableProcessors(),
                        Threads.factory(ProcessPart.CALLS));
        var data = new AtomicReference<Optional<DataFile>>(Optional.empty());
        ActorRef<RelayProcess.Command> actor =
                system.systemActorOf(
                        RelayProcess.create(config, data, outcome),
                        name,
                        DispatcherSelector.fromConfig(DISPATCHER));
        var service =
                new TrainingService(
                        event -> actor.tell(new RelayProcess.OfMember(event)),
                        data::get,
                        new AtomicInteger(),
                        new AtomicInteger(),
                        config.below(),
                        Optional.empty());
        this.server =
                config.below()
                        .serve(
                                service.definition(),
                                executor,
                                traffic,
                                refusal -> strangers.line(refusal).ifPresent(LOG::warn));
    }

    /**
     * Starts a relay. It joins its coordinator when its first member comes.
     *
     * @param system hosts the actor
     * @param name of the actor
     * @throws IOException if it cannot listen
     */
    public static Relay start(ActorSystem<?> system, String name, RelayConfig config)
            throws IOException {
        return new Relay(system, name, config);
    }

    /** Returns the port that it listens on. */
    public int port() {
        return server.getPort();
    }

    /** Returns how it ended, once its members have been told. */
    public CompletionStage<WorkerOutcome> outcome() {
        return outcome;
    }

    @Override
    public void close() {
        server.shutdown();
        ServerEnd.await(server);
        executor.shutdownNow();
        LOG.info(
                "{} bytes were sent to members, {} received",
                traffic.sentBytes(),
                traffic.receivedBytes());
    }
}
