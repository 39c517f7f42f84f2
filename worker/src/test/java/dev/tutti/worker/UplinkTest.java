package dev.tutti.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Payload;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.vector.Elements;
import dev.tutti.proto.Transport;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nobody serves under the name, so each session ends by itself. */
class UplinkTest {
    private static final int WAIT_SECONDS = 20;
    private static final ProcessInfo INFO = new ProcessInfo(1, "here", 1, "plain", "f00d");

    private final BlockingQueue<ClientStreamEvent> told = new LinkedBlockingQueue<>();
    private final Uplink uplink =
            new Uplink(new Transport.InProcess("nobody"), Duration.ofMinutes(1), told::add);

    @AfterEach
    void close() {
        uplink.close();
    }

    @Test
    void theEndOfASessionCountsUntilAnotherBegins() throws InterruptedException {
        uplink.join(INFO);
        var ended = ending();
        assertThat(uplink.isOpen()).isTrue();
        assertThat(uplink.accepts(ended)).isTrue();

        uplink.leave();
        assertThat(uplink.isOpen()).isFalse();
        assertThat(uplink.accepts(ended)).isFalse();
        assertThat(uplink.after(ended.status())).isInstanceOf(Reconnection.Next.Retry.class);

        uplink.join(INFO);
        assertThat(uplink.accepts(ended)).isFalse();
        assertThat(uplink.accepts(ending())).isTrue();
    }

    @Test
    void weightsOfAnEarlierSessionAreGivenBack() {
        var released = new AtomicInteger();
        var values = Payload.of(Elements.NONE, released::incrementAndGet);
        uplink.join(INFO);
        var weights =
                new ClientStreamEvent.Received(
                        uplink.session(), new ToWorker.Weights(0, 0, values));

        assertThat(uplink.accepts(weights)).isTrue();
        assertThat(released).hasValue(0);
        uplink.leave();
        assertThat(uplink.accepts(weights)).isFalse();
        assertThat(released).hasValue(1);
    }

    @Test
    void betweenTwoSessionsNothingIsSentAndNothingIsThere() {
        uplink.send(new ToCoordinator.Leaving("before the first"));
        uplink.join(INFO);
        uplink.leave();
        uplink.send(new ToCoordinator.Leaving("after it"));
        uplink.drain();
        uplink.requestNext(new ToWorker.Grant(List.of()));
        assertThat(uplink.offered()).isEmpty();
        assertThat(uplink.rest()).isEmpty();
        assertThat(uplink.isOpen()).isFalse();
    }

    private ClientStreamEvent.Ended ending() throws InterruptedException {
        for (var event = told.poll(WAIT_SECONDS, TimeUnit.SECONDS);
                event != null;
                event = told.poll(WAIT_SECONDS, TimeUnit.SECONDS)) {
            if (event instanceof ClientStreamEvent.Ended ended) {
                return ended;
            }
        }
        return new ClientStreamEvent.Ended(-1, Status.OK);
    }
}
