package dev.tutti.deploy.process;

import akka.actor.BootstrapSetup;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;

/** The actor system of a command. */
public final class Actors {
    private static final ClassLoader LOADER = new AkkaManifests(Actors.class.getClassLoader());

    private Actors() {}

    /**
     * Begins to read Akka's settings on a thread of their own, while the command does what else
     * there is to do before a run. They open each archive of the class path.
     */
    public static void prepare() {
        Threads.unstarted(
                        ProcessPart.ACTOR_SYSTEM,
                        ProcessPart.ACTOR_SYSTEM.text() + "-settings",
                        Settings::read)
                .start();
    }

    /** Returns a new system; the caller ends it. */
    public static ActorSystem<Void> system() {
        var setup = BootstrapSetup.create(Settings.read()).withClassloader(LOADER);
        return ActorSystem.create(Behaviors.empty(), "tutti", setup);
    }

    /** Akka's settings, read once in a process. */
    private static final class Settings {
        private static final Config READ = ConfigFactory.load(LOADER);

        private Settings() {}

        static Config read() {
            return READ;
        }
    }
}
