package dev.tutti.worker;

import dev.tutti.proto.access.Access;
import dev.tutti.proto.access.ConnectFailure;
import io.grpc.Status;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What to do when the stream to the coordinator has ended: try again after a growing, randomised
 * pause, or give up (law 6).
 */
public final class Reconnection {
    private static final long PAUSE_MILLIS_MIN = 100;
    private static final long PAUSE_MILLIS_MAX = 2_000;
    private static final long QUARANTINE_MILLIS_MAX = 30_000;

    private final Duration patience;
    private final String address;
    private final Access access;
    private final RandomGenerator random;
    private int failures;
    private long silentSinceNanos;

    /**
     * Makes the rule.
     *
     * @param patience how long to try
     * @param address for messages
     * @param access what this process shows
     * @param random spreads the attempts of many workers
     */
    Reconnection(
            Duration patience,
            String address,
            Access access,
            RandomGenerator random,
            long nowNanos) {
        this.patience = patience;
        this.address = address;
        this.access = access;
        this.random = random;
        this.silentSinceNanos = nowNanos;
    }

    /** What to do next. */
    public sealed interface Next {
        /** Connect again after a pause. */
        record Retry(Duration pause, String why) implements Next {}

        /** It is of no use. */
        record GiveUp(WorkerOutcome outcome) implements Next {}
    }

    /** The coordinator answered. */
    void answered(long nowNanos) {
        failures = 0;
        silentSinceNanos = nowNanos;
    }

    /** Decides after a stream ended. */
    Next after(Status status, long nowNanos) {
        var refusal = ConnectFailure.of(status, address, access);
        if (refusal.isPresent()) {
            return giveUp(WorkerOutcome.Kind.REFUSED, refusal.get());
        }
        if (isMalformed(status)) {
            return giveUp(
                    WorkerOutcome.Kind.REFUSED,
                    "%s sent an invalid message (protocol error): %s"
                            .formatted(address, describe(status)));
        }
        var detail = describe(status);
        return switch (status.getCode()) {
            case FAILED_PRECONDITION, INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED ->
                    giveUp(WorkerOutcome.Kind.REFUSED, "%s refused: %s".formatted(address, detail));
            case UNIMPLEMENTED ->
                    giveUp(
                            WorkerOutcome.Kind.REFUSED,
                            "%s is a gRPC server, but no Tutti coordinator".formatted(address));
            case RESOURCE_EXHAUSTED -> {
                // A coordinator that keeps this process away for a while does answer.
                silentSinceNanos = nowNanos;
                yield retry(detail, QUARANTINE_MILLIS_MAX);
            }
            case ABORTED -> {
                // Only a coordinator that is there counts a member as lost and ends its stream.
                silentSinceNanos = nowNanos;
                yield retry(detail, PAUSE_MILLIS_MAX);
            }
            default -> {
                if (isForeign(detail)) {
                    yield giveUp(
                            WorkerOutcome.Kind.REFUSED,
                            "%s answers, but not as a Tutti coordinator: give the address that the coordinator printed"
                                    .formatted(address));
                }
                yield retryOrGiveUp(detail, nowNanos);
            }
        };
    }

    private Next retryOrGiveUp(String detail, long nowNanos) {
        var silence = Duration.ofNanos(nowNanos - silentSinceNanos);
        if (silence.compareTo(patience) >= 0) {
            return giveUp(
                    WorkerOutcome.Kind.UNREACHABLE,
                    "no coordinator at %s for %d s: %s"
                            .formatted(address, patience.toSeconds(), detail));
        }
        return retry(detail, PAUSE_MILLIS_MAX);
    }

    private Next retry(String detail, long pauseMillisMax) {
        var limit = Math.min(pauseMillisMax, PAUSE_MILLIS_MIN << Math.min(failures++, 10));
        return new Next.Retry(Duration.ofMillis(random.nextLong(limit / 2, limit + 1)), detail);
    }

    /** Tells whether a frame arrived that is larger than any. */
    private static boolean isMalformed(Status status) {
        return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                && describe(status).contains("exceeds maximum");
    }

    private static boolean isForeign(String detail) {
        return detail.contains("First received frame was not SETTINGS")
                || detail.contains("HTTP status code")
                || detail.contains("Unexpected HTTP/1");
    }

    private static String describe(Status status) {
        var description = status.getDescription();
        var cause = status.getCause();
        if (cause instanceof UnknownHostException) {
            return "its name cannot be resolved";
        }
        if (cause != null && cause.getMessage() != null) {
            return cause.getMessage();
        }
        return description != null ? description : status.getCode().toString();
    }

    private static Next giveUp(WorkerOutcome.Kind kind, String reason) {
        return new Next.GiveUp(new WorkerOutcome(kind, reason));
    }
}
