package dev.tutti.proto;

import dev.tutti.proto.life.Threads;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Has frames taken by the very thread that has read them: another would have to be woken for each,
 * and would find their bytes in another core's cache. Calls that may take longer stay away from it.
 */
final class FramesDirectly implements ServerCallExecutorSupplier {
    @Override
    public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
        var name = call.getMethodDescriptor().getFullMethodName();
        return name.equals(TrainingCalls.CONNECT.getFullMethodName()) ? FramesDirectly::run : null;
    }

    /** The transport would make of a lack of memory a broken connection, again and again. */
    private static void run(Runnable frame) {
        try {
            frame.run();
        } catch (Error e) {
            Threads.failedIfError(e);
            throw e;
        }
    }
}
