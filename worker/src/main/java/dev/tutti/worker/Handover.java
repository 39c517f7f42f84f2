package dev.tutti.worker;

/** How a worker process hands a gradient over to its coordinator. */
enum Handover {
    /** All of it at once, when it is computed: both sides use the same memory. */
    WHOLE,

    /** In chunks, as copies; the ones that are final travel while the rest is computed. */
    IN_CHUNKS
}
