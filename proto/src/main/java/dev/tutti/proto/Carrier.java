package dev.tutti.proto;

/** How tensors may travel between a coordinator and the worker processes that connect to it. */
public enum Carrier {
    /** Through shared memory where both are on one host, else as bytes. */
    AUTO,
    /** Through shared memory, or not at all. */
    SHARED,
    /** As bytes, also on one host. */
    INLINE
}
