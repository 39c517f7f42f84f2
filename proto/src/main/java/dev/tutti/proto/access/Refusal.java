package dev.tutti.proto.access;

/**
 * A peer that was turned away before it was a member.
 *
 * @param host its address, without the port
 * @param kind why
 * @param detail one line: what was found, what was expected, what to do
 */
public record Refusal(String host, Kind kind, String detail) {
    /** Why a peer was turned away. */
    public enum Kind {
        /** It speaks plaintext, this address TLS. */
        PLAINTEXT,
        /** It speaks TLS, this address plaintext. */
        TLS,
        /** It speaks neither TLS nor HTTP/2. */
        FOREIGN,
        /** It showed no certificate. */
        NO_CERTIFICATE,
        /** Its certificate has expired, or is not valid yet. */
        EXPIRED,
        /** Its certificate was issued by another CA. */
        FOREIGN_CA,
        /** It does not accept the certificate of this side. */
        REFUSED_US,
        /** The handshake failed otherwise. */
        HANDSHAKE,
        /** It did not send the run's token, or another one. */
        TOKEN,
        /** It connected and did not join in time, or sent too much before it did. */
        NOT_JOINED,
        /** There are too many connections that have not joined. */
        CROWD,
        /** It sent an invalid message. */
        MALFORMED
    }
}
