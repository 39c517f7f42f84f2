package dev.tutti.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.Patience;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.proto.v1.BeatAnswer;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.TrainingGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static final int WAIT_SECONDS = 20;
    private static final int SESSION = 3;

    /** Far shorter than in a run, so that the test waits for no beat. */
    private static final long BEAT_MILLIS = 5;

    private final Coordinator coordinator = new Coordinator();
    private final BlockingQueue<ClientStreamEvent> told = new LinkedBlockingQueue<>();
    private final String name = InProcessServerBuilder.generateName();
    private final Queue<ManagedChannel> channels = new ConcurrentLinkedQueue<>();
    private final Server server =
            InProcessServerBuilder.forName(name).addService(coordinator).build();

    @BeforeEach
    void serve() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.shutdownNow();
    }

    @Test
    void allBeatsAreMessagesOfOneCallThatIsEndedInOrder() throws InterruptedException {
        try (var _ = beat()) {
            for (var i = 0; i < 5; i++) {
                assertThat(coordinator.next()).isEqualTo("beat of 7 in call 1");
            }
        }
        var last = coordinator.next();
        while (last.equals("beat of 7 in call 1")) {
            last = coordinator.next();
        }
        assertThat(last).isEqualTo("end of call 1");
        assertThat(told).isEmpty();
    }

    @Test
    void aCallThatBreaksIsReplaced() throws InterruptedException {
        coordinator.breaksFirst = true;
        try (var _ = beat()) {
            assertThat(coordinator.next()).isEqualTo("beat of 7 in call 1");
            assertThat(coordinator.next()).isEqualTo("beat of 7 in call 2");
            assertThat(coordinator.next()).isEqualTo("beat of 7 in call 2");
        }
        assertThat(told).isEmpty();
    }

    @Test
    void onlyADenialThatLastsIsTold() throws InterruptedException {
        coordinator.denies = true;
        try (var _ = beat()) {
            assertThat(told.poll(WAIT_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo(new ClientStreamEvent.NotMember(SESSION));
        }
        // At one beat in 5 ms, a few denials would have been there long before.
        assertThat(coordinator.seen).hasSizeGreaterThan(2);
    }

    /** As after a cut link: what is sent arrives nowhere, and nobody says so. */
    @Test
    void aConnectionThatIsNotAnsweredIsReplaced() throws InterruptedException {
        coordinator.answers = false;
        try (var _ = beat(Patience.ofSeconds(0.04, 10))) {
            coordinator.awaitCall(3);
        }
        assertThat(channels).hasSizeGreaterThanOrEqualTo(3);
        assertThat(told).isEmpty();
    }

    /** One more call, but the same connection: it is the call that broke. */
    @Test
    void aConnectionWhoseCallBreaksIsKept() throws InterruptedException {
        coordinator.breaksFirst = true;
        try (var _ = beat()) {
            coordinator.awaitCall(2);
        }
        assertThat(channels).hasSize(1);
    }

    private Heartbeat beat() {
        return beat(Patience.ofSeconds(120, 120));
    }

    private Heartbeat beat(Patience silence) {
        return new Heartbeat(
                this::connect,
                new ProcessId(7),
                SESSION,
                new MemberLimits(
                        false, Duration.ofMillis(BEAT_MILLIS), silence, MemberLimits.LEASE, 4),
                told::add);
    }

    private ManagedChannel connect() {
        var channel = InProcessChannelBuilder.forName(name).build();
        channels.add(channel);
        return channel;
    }

    private static final class Coordinator extends TrainingGrpc.TrainingImplBase {
        private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        private volatile boolean breaksFirst;
        private volatile boolean denies;
        private volatile boolean answers = true;
        private final AtomicInteger calls = new AtomicInteger();

        String next() throws InterruptedException {
            var next = seen.poll(WAIT_SECONDS, TimeUnit.SECONDS);
            return next == null ? "nothing" : next;
        }

        /** Waits for a beat of this call, or of a later one. */
        void awaitCall(int call) throws InterruptedException {
            var last = next();
            while (!last.startsWith("beat of 7 in call ")
                    || Integer.parseInt(last.substring("beat of 7 in call ".length())) < call) {
                assertThat(last).isNotEqualTo("nothing");
                last = next();
            }
        }

        @Override
        public StreamObserver<BeatRequest> beat(StreamObserver<BeatAnswer> responses) {
            var call = calls.incrementAndGet();
            return new StreamObserver<>() {
                private boolean broken;

                @Override
                public void onNext(BeatRequest request) {
                    if (broken) {
                        return;
                    }
                    seen.add("beat of %d in call %d".formatted(request.getProcess(), call));
                    if (breaksFirst && call == 1) {
                        broken = true;
                        responses.onError(Status.UNAVAILABLE.asException());
                    } else if (answers) {
                        responses.onNext(BeatAnswer.newBuilder().setMember(!denies).build());
                    }
                }

                @Override
                public void onError(Throwable cause) {
                    seen.add("break of call " + call);
                }

                @Override
                public void onCompleted() {
                    seen.add("end of call " + call);
                    responses.onCompleted();
                }
            };
        }
    }
}
