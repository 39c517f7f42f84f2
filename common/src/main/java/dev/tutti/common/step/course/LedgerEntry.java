package dev.tutti.common.step.course;

/**
 * The account of one epoch: was every sample counted exactly once (law 3)?
 *
 * @param epoch counted from 0
 * @param samplesPlanned samples that the epoch's steps so far should count
 * @param samplesCounted samples that contributions counted
 * @param exact whether the counted samples were those planned, each once, by the sum of their
 *     hashes
 */
public record LedgerEntry(int epoch, int samplesPlanned, long samplesCounted, boolean exact) {}
