package dev.tutti.proto.access;

/** Why a connection cannot become a member's. */
record Problem(Refusal.Kind kind, String detail) {}
