package dev.tutti.common.chaos;

/** The stream to the coordinator breaks as a contribution is sent; the process connects again. */
public record DropLink(int worker, long step) implements SendFault {}
