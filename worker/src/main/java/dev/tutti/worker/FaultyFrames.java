package dev.tutti.worker;

import dev.tutti.common.average.Payload;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.vector.Elements;
import dev.tutti.proto.Frame;
import dev.tutti.proto.shared.Lane;
import dev.tutti.proto.shared.WorkerLane;
import dev.tutti.proto.v1.WorkerFrame;
import java.lang.foreign.Arena;
import java.util.Optional;

/** Contributions as they should not arrive: twice, or damaged. */
final class FaultyFrames {
    private FaultyFrames() {}

    /** Returns the same message once more, with a payload of its own. */
    static ToCoordinator copy(ToCoordinator message, Optional<Lane> lane) {
        return message instanceof ToCoordinator.Contribution contribution
                ? copy(contribution, lane)
                : message;
    }

    private static ToCoordinator.Contribution copy(
            ToCoordinator.Contribution contribution, Optional<Lane> lane) {
        var values = contribution.values().elements();
        var precision = values.precision();
        var copy =
                lane.map(WorkerLane.class::cast)
                        .filter(shared -> shared.holds(contribution.values()))
                        .flatMap(shared -> shared.borrow(precision))
                        .orElseGet(() ->
                                Payload.of(
                                        Elements.allocate(
                                                Arena.ofAuto(), precision, values.count()),
                                        contribution.values().rounding(),
                                        () -> {}));
        values.copyTo(copy.elements());
        return new ToCoordinator.Contribution(
                contribution.lease(),
                contribution.totals(),
                contribution.computeNanos(),
                contribution.offset(),
                copy);
    }

    /** Turns a bit of the checksum over, or of the gradient's place if it is in shared memory. */
    static Frame<WorkerFrame> damage(Frame<WorkerFrame> frame) {
        var header = frame.header().toBuilder();
        if (header.hasCoded()) {
            var bytes = header.getCodedBuilder().getBytesBuilder();
            bytes.setCrc(bytes.getCrc() ^ 1);
            return new Frame<>(header.build(), frame.payload());
        }
        var contribution = header.getContributionBuilder();
        if (contribution.hasCrc()) {
            contribution.setCrc(contribution.getCrc() ^ 1);
        } else {
            contribution.setVector(contribution.getVector() ^ Integer.MIN_VALUE);
        }
        return new Frame<>(header.build(), frame.payload());
    }
}
