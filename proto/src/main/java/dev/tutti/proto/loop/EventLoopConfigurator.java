package dev.tutti.proto.loop;

import akka.dispatch.DispatcherPrerequisites;
import akka.dispatch.ExecutorServiceConfigurator;
import akka.dispatch.ExecutorServiceFactory;
import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;

/**
 * Gives an Akka dispatcher event loops: one for all its actors, or with {@code loop-per-actor} one
 * for each. See {@code reference.conf}.
 */
public final class EventLoopConfigurator extends ExecutorServiceConfigurator {
    private final boolean loopPerActor;

    /** Called by Akka with the dispatcher's section. */
    public EventLoopConfigurator(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
        this.loopPerActor = config.hasPath("loop-per-actor") && config.getBoolean("loop-per-actor");
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
        var name = id.replace('.', '-');
        return () -> loopPerActor ? new EventLoops(name) : new EventLoop(name);
    }
}
