package dev.tutti.deploy.process;

import akka.actor.BootstrapSetup;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import dev.tutti.proto.loop.CompilerThreads;
import java.io.IOException;
import java.net.URL;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;

/** The actor system of a command. */
public final class Actors {
    /** After this time, what is hottest has been compiled, and a run has begun. */
    private static final Duration START = Duration.ofSeconds(10);

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

    /** Returns a new system, which some time later has the cores first; the caller ends it. */
    public static ActorSystem<Void> system() {
        var setup = BootstrapSetup.create(Settings.read()).withClassloader(LOADER);
        var system = ActorSystem.<Void>create(Behaviors.empty(), "tutti", setup);
        system.scheduler().scheduleOnce(START, CompilerThreads::giveWay, system.executionContext());
        return system;
    }

    /** Akka's settings, read once in a process. */
    private static final class Settings {
        private static final Config READ = ConfigFactory.load(LOADER);

        private Settings() {}

        static Config read() {
            return READ;
        }
    }

    /**
     * Shows Akka the manifests of its own archives alone, whose versions it compares at each start.
     * It would read those of all the others too, and have the signatures of the signed ones
     * verified, for nothing: that was a tenth of a start.
     */
    static final class AkkaManifests extends ClassLoader {
        private static final String MANIFEST = "META-INF/MANIFEST.MF";

        AkkaManifests(ClassLoader parent) {
            super(parent);
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            var all = super.getResources(name);
            if (!name.equals(MANIFEST)) {
                return all;
            }
            return Collections.enumeration(
                    Collections.list(all).stream()
                            .filter(url -> url.getPath().contains("/akka-"))
                            .toList());
        }
    }
}
