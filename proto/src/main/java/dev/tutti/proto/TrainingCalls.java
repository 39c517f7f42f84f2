package dev.tutti.proto;

import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.TrainingGrpc;
import dev.tutti.proto.v1.WorkerFrame;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;

/** The calls of the service {@code tutti.v1.Training} whose messages are frames. */
public final class TrainingCalls {
    /** Payloads that have arrived and are not consumed yet, of all streams of this process. */
    private static final ChunkPool CHUNKS = new ChunkPool();

    /** {@code Connect}, with frames in place of protobuf's own objects. */
    public static final MethodDescriptor<Frame<WorkerFrame>, Frame<CoordinatorFrame>> CONNECT =
            MethodDescriptor.<Frame<WorkerFrame>, Frame<CoordinatorFrame>>newBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .setFullMethodName(TrainingGrpc.getConnectMethod().getFullMethodName())
                    .setRequestMarshaller(
                            new FrameMarshaller<>(WorkerFrame.class, WorkerFrame.parser(), CHUNKS))
                    .setResponseMarshaller(
                            new FrameMarshaller<>(
                                    CoordinatorFrame.class, CoordinatorFrame.parser(), CHUNKS))
                    .build();

    private TrainingCalls() {}

    /**
     * Returns the whole service.
     *
     * @param connect serves {@link #CONNECT}
     * @param others serves the calls whose messages are plain protobuf
     */
    public static ServerServiceDefinition service(
            ServerCalls.BidiStreamingMethod<Frame<WorkerFrame>, Frame<CoordinatorFrame>> connect,
            BindableService others) {
        var plain = others.bindService();
        var service = ServerServiceDefinition.builder(TrainingGrpc.SERVICE_NAME);
        service.addMethod(CONNECT, ServerCalls.asyncBidiStreamingCall(connect));
        for (var method : plain.getMethods()) {
            if (!method.getMethodDescriptor()
                    .getFullMethodName()
                    .equals(CONNECT.getFullMethodName())) {
                service.addMethod(method);
            }
        }
        return service.build();
    }
}
