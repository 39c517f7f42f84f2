package dev.tutti.proto.access;

import dev.tutti.proto.failure.Reason;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;

/** A context that makes every engine from the certificates as they are at that moment. */
final class FreshSslContext extends SslContext {
    private final boolean client;
    private final Certificates certificates;
    private final SslContext first;

    FreshSslContext(boolean client, Certificates certificates) {
        this.client = client;
        this.certificates = certificates;
        this.first = fresh();
    }

    @Override
    public boolean isClient() {
        return client;
    }

    @Override
    public List<String> cipherSuites() {
        return first.cipherSuites();
    }

    /** Netty marks the type as not for users, but asks for it here. */
    @Override
    @SuppressWarnings("deprecation")
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return first.applicationProtocolNegotiator();
    }

    /** The server's side: it remembers the name that the peer wanted to reach. */
    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        var engine = fresh().newEngine(allocator);
        var parameters = engine.getSSLParameters();
        parameters.setSNIMatchers(List.of(new AskedName()));
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** The worker's side: it says the name that it wants to reach, also one without a dot. */
    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
        var engine = fresh().newEngine(allocator, host, port);
        if (Hosts.isName(host)) {
            var parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host)));
            engine.setSSLParameters(parameters);
        }
        return engine;
    }

    @Override
    public SSLSessionContext sessionContext() {
        return first.sessionContext();
    }

    private SslContext fresh() {
        try {
            return certificates.context(client);
        } catch (SSLException e) {
            throw new AccessException(
                    "the certificates in %s cannot be used: %s"
                            .formatted(certificates.folder(), Reason.of(e)));
        }
    }
}
