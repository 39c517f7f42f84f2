package dev.tutti.common.step.run;

/**
 * What a worker process says of itself when it joins.
 *
 * @param workers how many it hosts, at least 1
 * @param host its host's name
 * @param pid its process id there
 * @param kernel the kernel's name
 * @param fingerprint hash over the kernel's results; equal fingerprints mean equal bits
 */
public record ProcessInfo(int workers, String host, long pid, String kernel, String fingerprint) {
    @Override
    public String toString() {
        return "%d worker%s on %s, pid %d".formatted(workers, workers == 1 ? "" : "s", host, pid);
    }
}
