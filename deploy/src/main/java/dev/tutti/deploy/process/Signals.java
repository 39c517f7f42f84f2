package dev.tutti.deploy.process;

import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * The signals that ask a process to end. The JVM takes the first as the wish to shut down in order,
 * and then heeds no other; so they are handled here.
 */
final class Signals {
    private Signals() {}

    /**
     * Has the numbers of the signals told to a handler, on a thread of each signal's own. Where the
     * JVM is told to leave signals alone, it stays as it is.
     */
    static void handle(IntConsumer handler) {
        try {
            // By reflection: the compiler warns of this package and cannot be told not to.
            var signal = Class.forName("sun.misc.Signal");
            var handlers = Class.forName("sun.misc.SignalHandler");
            var number = signal.getMethod("getNumber");
            var proxy =
                    Proxy.newProxyInstance(
                            Signals.class.getClassLoader(),
                            new Class<?>[] {handlers},
                            (_, method, arguments) -> {
                                if (method.getName().equals("handle")) {
                                    handler.accept((Integer) number.invoke(arguments[0]));
                                }
                                return null;
                            });
            var handle = signal.getMethod("handle", signal, handlers);
            for (var name : new String[] {"HUP", "INT", "TERM"}) {
                handle.invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException | IllegalArgumentException _) {
            // The JVM's own handlers end the process too, but heed no second signal.
        }
    }
}
