package dev.tutti.proto.loop;

import akka.dispatch.DispatcherPrerequisites;
import akka.dispatch.ExecutorServiceConfigurator;
import akka.dispatch.ExecutorServiceFactory;
import com.typesafe.config.Config;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * Gives the dispatchers of Akka's own actors threads of this program: an error on one of Akka's
 * threads would print a trace, and end the process with a code of Akka's.
 */
public final class PoolConfigurator extends ExecutorServiceConfigurator {
    private static final int THREADS = 2;

    /** Called by Akka with the dispatcher's section. */
    public PoolConfigurator(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
        return () ->
                Executors.newFixedThreadPool(THREADS, Threads.factory(ProcessPart.ACTOR_SYSTEM));
    }
}
