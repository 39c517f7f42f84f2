package dev.tutti.proto.access;

import io.grpc.Context;
import java.net.SocketAddress;

/** Who makes a call. In calls within one process it is that process, which is always welcome. */
public final class Visitor {
    private static final int SESSION_CHARACTERS_MAX = 64;

    /** The visitor of the call at hand. */
    static final Context.Key<Visitor> CURRENT = Context.key("tutti-visitor");

    private final SocketAddress address;
    private final String session;
    private final Gate gate;

    Visitor(SocketAddress address, String session, Gate gate) {
        this.address = address;
        this.session = session.substring(0, Math.min(session.length(), SESSION_CHARACTERS_MAX));
        this.gate = gate;
    }

    /** Returns what the visitor of the call at hand calls itself in all its calls. */
    public static String session() {
        var visitor = CURRENT.get();
        return visitor == null ? "" : visitor.session;
    }

    /** Returns what admits the visitor of the call at hand: its connection may stay. */
    public static Runnable admission() {
        var visitor = CURRENT.get();
        return visitor == null ? () -> {} : () -> visitor.gate.admit(visitor.address);
    }

    /** Returns what reports that the visitor of the current call sent an invalid message. */
    public static java.util.function.Consumer<String> complaint() {
        var visitor = CURRENT.get();
        return visitor == null
                ? _ -> {}
                : detail -> visitor.gate.refuse(visitor.address, Refusal.Kind.MALFORMED, detail);
    }
}
