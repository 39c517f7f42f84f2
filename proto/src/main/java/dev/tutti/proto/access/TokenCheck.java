package dev.tutti.proto.access;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/** Checks the token of each call before anything of the call is read. */
public final class TokenCheck implements ServerInterceptor {
    private static final SocketAddress NOWHERE = InetSocketAddress.createUnresolved("unknown", 0);

    private final Gate gate;
    private final Optional<RunToken> token;

    /**
     * Makes the check of one server.
     *
     * @param token what every call must bring; anything will do if there is none
     */
    public TokenCheck(Gate gate, Optional<RunToken> token) {
        this.gate = gate;
        this.token = token;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        var remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        var address = remote == null ? NOWHERE : remote;
        var shown = headers.get(SessionHeaders.TOKEN);
        if (token.isPresent() && (shown == null || !token.get().equalsInConstantTime(shown))) {
            var found = shown == null ? "no run token" : "a wrong run token";
            gate.refuse(
                    address,
                    Refusal.Kind.TOKEN,
                    "it brings %s: give it that of the coordinator with --token-file or TUTTI_TOKEN"
                            .formatted(found));
            call.close(
                    Status.UNAUTHENTICATED.withDescription(
                            "this worker brings %s: give it that of the coordinator with --token-file or TUTTI_TOKEN"
                                    .formatted(found)),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        var session = headers.get(SessionHeaders.SESSION);
        var caller = new Caller(address, session == null ? "" : session, gate);
        return Contexts.interceptCall(
                Context.current().withValue(Caller.CURRENT, caller), call, headers, next);
    }
}
