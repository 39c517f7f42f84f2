package dev.tutti.common.step.course;

/**
 * What a virtual worker keeps from one gradient to the next.
 *
 * @param shard of the virtual worker
 * @param batch after which it is
 * @param bytes of it, as a worker wrote them
 */
@SuppressWarnings("ArrayRecordComponent") // Never written to, never compared.
public record SavedState(int shard, long batch, byte[] bytes) {}
