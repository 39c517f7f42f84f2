package dev.tutti.common.chaos;

/** A contribution, or a chunk of it, is delivered twice. */
public record Duplicate(int worker, long step) implements SendFault {}
