package dev.tutti.common.step.run;

/**
 * A worker as the coordinator knows it: a number that one run never uses twice.
 *
 * @param number counted from 0 in the order of joining
 */
public record WorkerId(int number) implements Comparable<WorkerId> {
    @Override
    public int compareTo(WorkerId other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "worker " + number;
    }
}
