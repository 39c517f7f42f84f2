package dev.tutti.deploy.local;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** Processes that stand still by order. */
final class StoppedProcesses {
    private final Set<Process> stopped = new HashSet<>();

    synchronized void stop(Process process) {
        Signal.STOP.send(process.toHandle());
        stopped.add(process);
    }

    /** Lets a process go on after a while. */
    void goOnAfter(Process process, Duration pause) {
        try {
            Thread.sleep(pause);
            goOn(process);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void goOn(Process process) {
        if (stopped.remove(process) && process.isAlive()) {
            Signal.CONT.send(process.toHandle());
        }
    }

    /** Lets all go on. */
    synchronized void goOn() {
        Set.copyOf(stopped).forEach(this::goOn);
    }

    /** Ends all: they do not hear that the run is over. */
    synchronized void kill() {
        stopped.forEach(Process::destroyForcibly);
        stopped.clear();
    }
}
