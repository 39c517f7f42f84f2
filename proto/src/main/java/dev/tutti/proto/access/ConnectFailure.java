package dev.tutti.proto.access;

import io.grpc.Status;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Instant;
import java.util.Optional;

/** Why a worker cannot connect, if trying again would not help. */
public final class ConnectFailure {
    /** "HTTP" in the dump of the bytes that should have been a TLS record. */
    private static final String HTTP_1_DUMP = "48545450";

    /** An alert record of TLS in the dump of the bytes that should have been an HTTP/2 frame. */
    private static final String ALERT_DUMP = "first 5 bytes: 1503";

    private ConnectFailure() {}

    /**
     * Returns why a worker cannot connect, in one line; empty if another attempt may succeed.
     *
     * @param status with which a call ended
     * @param address of the coordinator, as it was given
     * @param access what this worker shows
     */
    public static Optional<String> of(Status status, String address, Access access) {
        var failure = status.getCause();
        if (failure == null) {
            return Optional.empty();
        }
        if (text(failure).contains(ALERT_DUMP)) {
            return Optional.of(
                    "%s speaks TLS, this worker plaintext: give it --certs DIR with a certificate of the coordinator's CA"
                            .formatted(address));
        }
        return access.certificates().flatMap(own -> ofHandshake(failure, address, own));
    }

    private static Optional<String> ofHandshake(
            Throwable failure, String address, Certificates own) {
        if (HandshakeFailure.has(failure, NotSslRecordException.class)) {
            return text(failure).contains(HTTP_1_DUMP)
                    ? Optional.empty()
                    : Optional.of(
                            "%s speaks plaintext, this worker TLS: start the coordinator with --certs, or this worker without"
                                    .formatted(address));
        }
        var alert = HandshakeFailure.alert(failure);
        if (alert.isPresent()) {
            return Optional.of(whyRefused(alert.get(), address, own));
        }
        if (HandshakeFailure.has(failure, CertificateExpiredException.class)) {
            return Optional.of(
                    "the certificate of %s has expired: make a new one there with tutti certs --renew"
                            .formatted(address));
        }
        if (HandshakeFailure.has(failure, CertificateNotYetValidException.class)) {
            return Optional.of(
                    "the certificate of %s is not valid yet: compare the clocks of both machines"
                            .formatted(address));
        }
        if (!HandshakeFailure.has(failure, CertificateException.class)) {
            return Optional.empty();
        }
        return Optional.of(
                text(failure).contains("subject alternative")
                        ? "the certificate of %s is not for that name: use a name that it has, or make one with that name with tutti certs"
                                .formatted(address)
                        : "the certificate of %s is not of the CA in %s: give both sides certificates of one CA"
                                .formatted(address, own.folder().resolve(Certificates.AUTHORITY)));
    }

    private static String whyRefused(String alert, String address, Certificates own) {
        if (own.expiry().isBefore(Instant.now())) {
            return "%s refuses this worker's certificate, which expired at %s: make a new one with tutti certs --renew"
                    .formatted(address, own.expiry());
        }
        if (alert.contains("certificate")) {
            return "%s refuses this worker's certificate, which is not of its CA: give both sides certificates of one CA"
                    .formatted(address);
        }
        return "%s refuses the TLS handshake: %s".formatted(address, alert);
    }

    private static String text(Throwable failure) {
        var text = new StringBuilder();
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            text.append(cause.getMessage()).append('\n');
        }
        return text.toString();
    }
}
