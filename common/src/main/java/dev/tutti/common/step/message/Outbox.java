package dev.tutti.common.step.message;

import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;

/** Takes the decisions of one turn of a machine. */
@FunctionalInterface
public interface Outbox {
    void add(Decision decision);

    default void send(ProcessId process, ToWorker message) {
        add(new Decision.Send(process, message));
    }

    default void reject(ProcessId process, Rejection.Kind kind, String detail) {
        add(new Decision.Rejected(process, new Rejection(kind, detail)));
    }

    default void note(String line) {
        add(new Decision.Note(line));
    }

    default void warn(String line) {
        add(new Decision.Warning(line));
    }
}
