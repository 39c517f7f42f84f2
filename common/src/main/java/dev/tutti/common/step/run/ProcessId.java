package dev.tutti.common.step.run;

/**
 * A worker process as the coordinator knows it: a number that one run never uses twice.
 *
 * @param number counted from 0 in the order of joining
 */
public record ProcessId(int number) implements Comparable<ProcessId> {
    @Override
    public int compareTo(ProcessId other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "process " + number;
    }
}
