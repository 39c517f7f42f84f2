package dev.tutti.worker;

import akka.actor.typed.ActorRef;
import dev.tutti.common.step.ProcessId;
import dev.tutti.proto.v1.BeatReply;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.TrainingGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;

/** Tells the coordinator that this process is alive, on a connection that carries nothing else. */
final class Heartbeat {
    private static final int DEADLINE_SECONDS = 5;

    private final TrainingGrpc.TrainingStub calls;
    private final BeatRequest request;
    private final int session;
    private final ActorRef<WorkerProcess.Command> actor;

    Heartbeat(
            ManagedChannel channel,
            ProcessId process,
            int session,
            ActorRef<WorkerProcess.Command> actor) {
        this.calls = TrainingGrpc.newStub(channel);
        this.request = BeatRequest.newBuilder().setProcess(process.number()).build();
        this.session = session;
        this.actor = actor;
    }

    /** Sends one heartbeat; the actor hears of the answer only if it is bad news. */
    void send() {
        calls.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).beat(request, new Answer());
    }

    private final class Answer implements StreamObserver<BeatReply> {
        @Override
        public void onNext(BeatReply reply) {
            if (!reply.getMember()) {
                actor.tell(new WorkerProcess.NotMember(session));
            }
        }

        @Override
        public void onError(Throwable cause) {
            // The stream's own end, or the coordinator's patience, decides; one lost beat does not.
        }

        @Override
        public void onCompleted() {}
    }
}
