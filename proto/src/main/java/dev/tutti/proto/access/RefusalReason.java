package dev.tutti.proto.access;

/** Why a connection is refused. */
record RefusalReason(Refusal.Kind kind, String detail) {}
