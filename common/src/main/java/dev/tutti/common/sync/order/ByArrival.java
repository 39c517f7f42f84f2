package dev.tutti.common.sync.order;

/**
 * How steps are taken as gradients come.
 *
 * @param buffer tasks of a step
 * @param ahead how many tasks more than the slowest a worker may have begun
 */
public record ByArrival(int buffer, long ahead) {}
