package dev.tutti.common.step.message;

import java.util.ArrayList;
import java.util.List;

/** Keeps the decisions of one turn in the order in which they are to be done. */
public final class DecisionQueue implements Outbox {
    private List<Decision> atOnce = new ArrayList<>();
    private List<Decision> ofRecord = new ArrayList<>();

    @Override
    public void add(Decision decision) {
        (decision instanceof Decision.OfRecord ? ofRecord : atOnce).add(decision);
    }

    /** Returns what has been decided since the last call; what is only written down comes last. */
    public List<Decision> take() {
        var taken = atOnce;
        taken.addAll(ofRecord);
        atOnce = new ArrayList<>();
        ofRecord = new ArrayList<>();
        return taken;
    }
}
