package dev.tutti.proto;

import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.proto.failure.WireException;
import java.util.List;

/**
 * Refuses, before a run, what the other side would refuse in it: what would be sent is translated
 * and read here, by the same code and so with the same limits.
 */
public final class Acceptable {
    private Acceptable() {}

    /**
     * Checks a run, and what it allows its members.
     *
     * @throws WireException with the limit, if every worker would refuse it
     */
    public static void require(RunSpec spec, MemberLimits limits) {
        var wire = Wire.inline();
        var welcome =
                new ToWorker.Welcome(new ProcessId(0), List.of(new WorkerId(0)), spec, limits);
        wire.fromCoordinator(wire.toFrame(welcome));
    }

    /**
     * Checks what a process says of itself.
     *
     * @throws WireException with the limit, if every coordinator would refuse it
     */
    public static void require(ProcessInfo info) {
        var wire = Wire.inline();
        wire.fromWorker(wire.toFrame(new ToCoordinator.Join(Protocol.VERSION, info)));
    }
}
