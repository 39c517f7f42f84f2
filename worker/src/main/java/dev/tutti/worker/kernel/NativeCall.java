package dev.tutti.worker.kernel;

/** What the calls of native functions share. */
final class NativeCall {
    private NativeCall() {}

    /** Unwraps what a method handle may throw: an unchecked error, such as one about a segment. */
    static RuntimeException failed(String function, Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException unchecked
                ? unchecked
                : new IllegalStateException("call of %s failed".formatted(function), e);
    }
}
