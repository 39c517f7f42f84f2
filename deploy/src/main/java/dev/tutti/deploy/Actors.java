package dev.tutti.deploy;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The actor system of this process.
 *
 * <p>Of what a command does before its first step, loading Akka and the log takes longest, and
 * needs nothing of what the command was told: so it begins before the options are read.
 */
final class Actors {
    /** A signal stops a process in order; Akka would end its actors at once. */
    private static final String SIGNALS_ARE_OURS =
            "akka.coordinated-shutdown.run-by-jvm-shutdown-hook = off";

    private static final AtomicReference<Optional<CompletableFuture<ActorSystem<Void>>>> BEGUN =
            new AtomicReference<>(Optional.empty());

    private Actors() {}

    /** Begins to make a system, on a thread of its own, for the next who asks for one. */
    static void begin() {
        var system = new CompletableFuture<ActorSystem<Void>>();
        BEGUN.set(Optional.of(system));
        Thread.ofPlatform()
                .daemon()
                .name("tutti-begin")
                .start(() -> system.completeAsync(Actors::create, Runnable::run));
    }

    /** Returns the system that was begun, or a new one; the caller ends it. */
    static ActorSystem<Void> system() {
        return BEGUN.getAndSet(Optional.empty())
                .map(CompletableFuture::join)
                .orElseGet(Actors::create);
    }

    private static ActorSystem<Void> create() {
        var config = ConfigFactory.parseString(SIGNALS_ARE_OURS);
        return ActorSystem.create(
                Behaviors.empty(), "tutti", config.withFallback(ConfigFactory.load()));
    }
}
