package dev.tutti.proto.access;

import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** Why the coordinator's side of a handshake failed, in words that say what to do. */
final class HandshakeFailure {
    private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");

    /**
     * How the JDK tells of an alert that came in plaintext because the sender had no keys yet;
     * these say goodbye.
     */
    private static final Pattern GOODBYE =
            Pattern.compile("plaintext alert received: .*Alert: (close_notify|user_canceled)");

    private HandshakeFailure() {}

    /**
     * Returns why it failed; empty if the peer just hung up.
     *
     * @param local address that the peer reached
     */
    static Optional<RefusalReason> at(
            Throwable failure,
            SSLEngine engine,
            @Nullable SocketAddress local,
            Certificates certificates) {
        if (has(failure, ClosedChannelException.class) || find(GOODBYE, failure).isPresent()) {
            return Optional.empty();
        }
        if (has(failure, CertificateExpiredException.class)) {
            return reason(
                    Refusal.Kind.EXPIRED,
                    "its certificate has expired: make a new one with tutti certs --renew");
        }
        if (has(failure, CertificateNotYetValidException.class)) {
            return reason(
                    Refusal.Kind.EXPIRED,
                    "its certificate is not valid yet: compare the clocks of both machines");
        }
        if (has(failure, CertificateException.class)) {
            return reason(
                    Refusal.Kind.FOREIGN_CA,
                    "its certificate is not of the CA in %s"
                            .formatted(certificates.folder().resolve(Certificates.AUTHORITY)));
        }
        var message = String.valueOf(failure.getMessage());
        if (message.contains("Empty client certificate chain")) {
            return reason(
                    Refusal.Kind.NO_CERTIFICATE,
                    "it shows no certificate of the CA in %s: start the worker with --certs and one of that CA"
                            .formatted(certificates.folder().resolve(Certificates.AUTHORITY)));
        }
        var alert = alert(failure);
        return alert.isPresent() && alert.get().contains("certificate")
                ? reason(Refusal.Kind.REFUSED_US, whyRefused(engine, local, certificates))
                : reason(Refusal.Kind.HANDSHAKE, "the TLS handshake failed: " + message);
    }

    /** The alert says little more than "no"; the rest follows from what the peer asked for. */
    private static String whyRefused(
            SSLEngine engine, @Nullable SocketAddress local, Certificates certificates) {
        if (certificates.expiry().isBefore(Instant.now())) {
            return "it refuses this coordinator's certificate, which expired at %s: make a new one with tutti certs --renew"
                    .formatted(certificates.expiry());
        }
        var asked = askedName(engine);
        var wanted = asked.isEmpty() && local != null ? Hosts.hostOf(local) : asked;
        var names = certificates.names();
        if (names.stream().noneMatch(wanted::equalsIgnoreCase)) {
            return "it reached this coordinator as %s, but its certificate is for %s: make one with that name with tutti certs"
                    .formatted(wanted, String.join(", ", names));
        }
        return "it refuses this coordinator's certificate, which is not of its CA: give both sides certificates of one CA";
    }

    private static String askedName(SSLEngine engine) {
        var matchers = engine.getSSLParameters().getSNIMatchers();
        return matchers == null
                ? ""
                : matchers.stream()
                        .filter(AskedName.class::isInstance)
                        .map(matcher -> ((AskedName) matcher).name())
                        .findFirst()
                        .orElse("");
    }

    /** Returns the alert that the other side sent, if there was one. */
    static Optional<String> alert(Throwable failure) {
        return find(ALERT, failure);
    }

    /** Returns the first group of what a failure, or a cause of it, says. */
    private static Optional<String> find(Pattern saying, Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            var found = saying.matcher(String.valueOf(cause.getMessage()));
            if (found.find()) {
                return Optional.of(found.group(1));
            }
        }
        return Optional.empty();
    }

    static boolean has(@Nullable Throwable failure, Class<? extends Throwable> type) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<RefusalReason> reason(Refusal.Kind kind, String detail) {
        return Optional.of(new RefusalReason(kind, detail));
    }
}
