package dev.tutti.proto.access;

import java.util.Optional;

/**
 * What an address demands from a peer that connects, and what this side shows. Both ends of a run
 * have the same.
 *
 * @param certificates for mutual TLS 1.3; plaintext without
 * @param token shared by the members of a run; anybody may join without
 */
public record Access(Optional<Certificates> certificates, Optional<RunToken> token) {
    /** Plaintext, for everybody: a loopback address of a machine that is trusted. */
    public static final Access OPEN = new Access(Optional.empty(), Optional.empty());
}
