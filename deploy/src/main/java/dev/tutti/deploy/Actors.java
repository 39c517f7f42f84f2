package dev.tutti.deploy;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;

/** The actor system of a command. */
final class Actors {
    /** A signal stops a process in order; Akka would end its actors at once. */
    private static final String SIGNALS_ARE_OURS =
            "akka.coordinated-shutdown.run-by-jvm-shutdown-hook = off";

    private Actors() {}

    /** Returns a new system; the caller ends it. */
    static ActorSystem<Void> system() {
        var config = ConfigFactory.parseString(SIGNALS_ARE_OURS);
        return ActorSystem.create(
                Behaviors.empty(), "tutti", config.withFallback(ConfigFactory.load()));
    }
}
