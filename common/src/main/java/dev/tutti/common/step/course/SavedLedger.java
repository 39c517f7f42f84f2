package dev.tutti.common.step.course;

/**
 * The account of an epoch that is still open, as {@link Ledger} keeps it.
 *
 * @param planned samples that its steps so far should count
 * @param counted samples that they counted
 * @param hashDifference by how much the hashes of the two differ
 * @param inexactSteps steps whose samples were not those planned
 */
public record SavedLedger(int planned, long counted, long hashDifference, int inexactSteps) {}
