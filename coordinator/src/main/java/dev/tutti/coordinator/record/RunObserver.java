package dev.tutti.coordinator.record;

/**
 * Is told what happens in a run. Events come in their order on the coordinator's thread, which goes
 * on only when the observer returns: do little, and never wait for a disk, a terminal or a network.
 * A {@link RunEvent.Warned} may come from any thread.
 */
@FunctionalInterface
public interface RunObserver {
    /** Something has happened. */
    void on(RunEvent event);
}
