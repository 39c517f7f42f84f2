package dev.tutti.common.step;

import java.util.ArrayList;
import java.util.List;

/** The decisions of one turn of the coordinator's machine, in order. */
final class Outbox {
    private List<Decision> decisions = new ArrayList<>();

    void add(Decision decision) {
        decisions.add(decision);
    }

    void send(ProcessId process, ToWorker message) {
        add(new Decision.Send(process, message));
    }

    void reject(ProcessId process, Rejection.Kind kind, String detail) {
        add(new Decision.Rejected(process, new Rejection(kind, detail)));
    }

    void note(String line) {
        add(new Decision.Note(line));
    }

    void warn(String line) {
        add(new Decision.Warning(line));
    }

    /** Returns what has been decided since the last call. */
    List<Decision> take() {
        var taken = decisions;
        decisions = new ArrayList<>();
        return taken;
    }
}
