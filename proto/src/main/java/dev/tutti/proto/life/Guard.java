package dev.tutti.proto.life;

import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.Signal;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Ends an actor that fails at its start, in a message or in a signal, and tells whom it concerns.
 * Akka alone would write a line to the log and leave everybody waiting (law 4).
 */
public final class Guard<T> extends BehaviorInterceptor<T, T> {
    private final ProcessPart part;
    private final Consumer<Throwable> failed;

    private Guard(Class<T> commands, ProcessPart part, Consumer<Throwable> failed) {
        super(commands);
        this.part = part;
        this.failed = failed;
    }

    /**
     * Returns a behaviour that is guarded.
     *
     * @param commands what the actor is told
     * @param failed is told of the failure, before the process is
     */
    public static <T> Behavior<T> around(
            Class<T> commands, ProcessPart part, Consumer<Throwable> failed, Behavior<T> behavior) {
        return Behaviors.intercept(() -> new Guard<>(commands, part, failed), behavior);
    }

    @Override
    public Behavior<T> aroundStart(TypedActorContext<T> context, PreStartTarget<T> target) {
        return guarded(() -> {
            PlannedFailure.at(part);
            return target.start(context);
        });
    }

    @Override
    public Behavior<T> aroundReceive(
            TypedActorContext<T> context, T message, ReceiveTarget<T> target) {
        try {
            return target.apply(context, message);
        } catch (RuntimeException | Error e) {
            return stopped(e);
        }
    }

    @Override
    public Behavior<T> aroundSignal(
            TypedActorContext<T> context, Signal signal, SignalTarget<T> target) {
        return guarded(() -> target.apply(context, signal));
    }

    private Behavior<T> guarded(Supplier<Behavior<T>> action) {
        try {
            return action.get();
        } catch (RuntimeException | Error e) {
            return stopped(e);
        }
    }

    private Behavior<T> stopped(Throwable failure) {
        failed.accept(failure);
        Threads.failed(failure);
        return Behaviors.stopped();
    }
}
