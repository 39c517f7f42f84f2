package dev.tutti.proto.access;

import io.grpc.Context;
import java.net.SocketAddress;

/** The process that makes a call; one that calls itself needs no token and no admission. */
public final class Caller {
    private static final int SESSION_CHARACTERS_MAX = 64;

    /** The caller of the current call. */
    static final Context.Key<Caller> CURRENT = Context.key("tutti-caller");

    private final SocketAddress address;
    private final String session;
    private final Gate gate;

    Caller(SocketAddress address, String session, Gate gate) {
        this.address = address;
        this.session = session.substring(0, Math.min(session.length(), SESSION_CHARACTERS_MAX));
        this.gate = gate;
    }

    /** Returns the session that the caller of the current call names in all its calls. */
    public static String session() {
        var caller = CURRENT.get();
        return caller == null ? "" : caller.session;
    }

    /** Returns what admits the caller of the current call: its connection may stay. */
    public static Runnable admission() {
        var caller = CURRENT.get();
        return caller == null ? () -> {} : () -> caller.gate.admit(caller.address);
    }

    /** Returns what reports that the caller of the current call sent an invalid message. */
    public static java.util.function.Consumer<String> complaint() {
        var caller = CURRENT.get();
        return caller == null
                ? _ -> {}
                : detail -> caller.gate.refuse(caller.address, Refusal.Kind.MALFORMED, detail);
    }
}
