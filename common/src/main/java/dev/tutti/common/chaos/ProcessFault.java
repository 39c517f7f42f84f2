package dev.tutti.common.chaos;

/**
 * A fault that strikes whole processes from outside: the process that started them carries it out.
 */
public sealed interface ProcessFault extends Fault
        permits Kill, Pause, Leave, Join, KillCoordinator {}
