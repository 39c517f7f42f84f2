package dev.tutti.deploy;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;

/** The actor system of a command. */
final class Actors {
    /**
     * A signal stops a process in order; Akka would end its actors at once. And its timers, which
     * here count tenths of a second, wake a thread at every tick, from those that compute.
     */
    private static final String SETTINGS =
            """
            akka.coordinated-shutdown.run-by-jvm-shutdown-hook = off
            akka.scheduler.tick-duration = 50ms
            """;

    private Actors() {}

    /** Returns a new system; the caller ends it. */
    static ActorSystem<Void> system() {
        var config = ConfigFactory.parseString(SETTINGS);
        return ActorSystem.create(
                Behaviors.empty(), "tutti", config.withFallback(ConfigFactory.load()));
    }
}
