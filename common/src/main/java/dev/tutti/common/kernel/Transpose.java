package dev.tutti.common.kernel;

/** Whether a matrix enters a product as it lies in memory, or with rows and columns exchanged. */
public enum Transpose {
    NO,
    YES
}
