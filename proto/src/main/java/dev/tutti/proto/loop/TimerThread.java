package dev.tutti.proto.loop;

import akka.actor.LightArrayRevolverScheduler;
import akka.event.LoggingAdapter;
import com.typesafe.config.Config;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import java.util.concurrent.ThreadFactory;

/** Akka's timers on a thread of this program: without it no actor would ever try anything again. */
public final class TimerThread extends LightArrayRevolverScheduler {
    /** Called by Akka. */
    public TimerThread(Config config, LoggingAdapter log, ThreadFactory threads) {
        super(config, log, Threads.factory(ProcessPart.TIMERS));
    }
}
