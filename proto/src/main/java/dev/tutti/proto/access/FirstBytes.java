package dev.tutti.proto.access;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the first bytes of a connection tell of its peer. */
final class FirstBytes {
    /** So many bytes are looked at. */
    static final int COUNT = 4;

    private static final int TLS_HANDSHAKE = 0x16;
    private static final int TLS_MAJOR = 3;
    private static final Pattern HTTP_1 =
            Pattern.compile("GET |POST|HEAD|PUT |OPTI|CONN|DELE|PATC");

    private FirstBytes() {}

    /**
     * Returns why a peer with these first bytes is refused; empty if it is not.
     *
     * @param tls whether this address speaks TLS
     */
    static Optional<RefusalReason> reasonToRefuse(byte[] first, boolean tls) {
        var hello = first[0] == TLS_HANDSHAKE && first[1] == TLS_MAJOR;
        var text = new String(first, StandardCharsets.ISO_8859_1);
        if (tls ? hello : text.equals("PRI ")) {
            return Optional.empty();
        }
        if (hello) {
            return Optional.of(
                    new RefusalReason(
                            Refusal.Kind.TLS,
                            "it speaks TLS, this address plaintext: start the coordinator with --certs, or the worker without"));
        }
        if (text.equals("PRI ")) {
            return Optional.of(
                    new RefusalReason(
                            Refusal.Kind.PLAINTEXT,
                            "it speaks plaintext, this address TLS: start the worker with --certs"));
        }
        return Optional.of(
                new RefusalReason(
                        Refusal.Kind.FOREIGN,
                        HTTP_1.matcher(text).matches()
                                ? "it speaks HTTP/1: it is no worker"
                                : "it speaks neither TLS nor HTTP/2: it is no worker"));
    }
}
