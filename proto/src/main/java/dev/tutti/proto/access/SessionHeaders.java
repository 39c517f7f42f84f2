package dev.tutti.proto.access;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Optional;

/** Adds a member's headers to each call: the run's token, and the session of its process. */
public final class SessionHeaders implements ClientInterceptor {
    /** The run's token. */
    static final Metadata.Key<String> TOKEN =
            Metadata.Key.of("tutti-token", Metadata.ASCII_STRING_MARSHALLER);

    /** The same in all calls of a process, and unknown to others. */
    static final Metadata.Key<String> SESSION =
            Metadata.Key.of("tutti-session", Metadata.ASCII_STRING_MARSHALLER);

    /** Keeps others from sending heartbeats in the name of this process. */
    private static final String THIS_PROCESS = RunToken.random().secret();

    private final Optional<RunToken> token;

    /** Makes an interceptor that adds a token, if there is one. */
    public SessionHeaders(Optional<RunToken> token) {
        this.token = token;
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
            MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new ForwardingClientCall.SimpleForwardingClientCall<>(
                next.newCall(method, options)) {
            @Override
            public void start(Listener<R> listener, Metadata headers) {
                token.ifPresent(shown -> headers.put(TOKEN, shown.secret()));
                headers.put(SESSION, THIS_PROCESS);
                super.start(listener, headers);
            }
        };
    }
}
