package dev.tutti.common.step;

import java.util.ArrayList;
import java.util.List;

/** Takes the decisions of one turn of the coordinator's machine. */
class Outbox {
    private List<Decision> atOnce = new ArrayList<>();
    private List<Decision> ofRecord = new ArrayList<>();

    void add(Decision decision) {
        (decision instanceof Decision.OfRecord ? ofRecord : atOnce).add(decision);
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

    /**
     * Returns what has been decided since the last call, in the order in which it is to be done:
     * what is only written down comes last.
     */
    List<Decision> take() {
        var taken = atOnce;
        taken.addAll(ofRecord);
        atOnce = new ArrayList<>();
        ofRecord = new ArrayList<>();
        return taken;
    }
}
