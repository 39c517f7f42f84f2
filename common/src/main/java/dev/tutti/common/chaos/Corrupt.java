package dev.tutti.common.chaos;

/**
 * A chunk arrives damaged: its bytes are not those of its checksum. Through shared memory, which
 * has no checksums, what is damaged is the message that tells where the gradient is.
 */
public record Corrupt(int worker, long step) implements SendFault {}
