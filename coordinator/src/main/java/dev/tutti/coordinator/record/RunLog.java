package dev.tutti.coordinator.record;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what happens in a run to the log of its coordinator. */
public final class RunLog implements RunObserver {
    private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);

    @Override
    public void on(RunEvent event) {
        switch (event) {
            case RunEvent.MemberJoined(var process, var info, var workers) ->
                    LOG.info(
                            "joined: {} is {}: {}, kernel {}",
                            process,
                            workers,
                            info,
                            info.kernel());
            case RunEvent.Alert alert -> LOG.warn("{}", alert.line());
            case RunEvent.MessageRejected(var process, var rejection) ->
                    LOG.warn("rejected from {}: {}", process, rejection.detail());
            case RunEvent.CheckpointWritten(var file, var nanos) ->
                    LOG.info("checkpoint {} written in {} ms", file, StepTimes.millis(nanos));
            case RunEvent.Noted(var line) -> LOG.info("{}", line);
            case RunEvent.Observed(_, var line) -> LOG.info("{}", line);
            case RunEvent.Audited audited when audited.isAlarming() ->
                    LOG.warn("{}", audited.line());
            case RunEvent.Audited audited -> LOG.info("{}", audited.line());
            case RunEvent.StepTaken _,
                    RunEvent.Evaluated _,
                    RunEvent.EpochEnded _,
                    RunEvent.Ended _ -> {}
        }
    }
}
