package dev.tutti.common.chaos;

/** A fault that strikes whole processes, from outside: whoever started them carries it out. */
public sealed interface ProcessFault extends Fault
        permits Kill, Pause, Leave, Join, KillCoordinator {}
