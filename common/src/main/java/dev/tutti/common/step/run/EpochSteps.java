package dev.tutti.common.step.run;

/**
 * Which batches the steps of each epoch have. A step has one batch, or several that follow one
 * another and are all full; a short batch at an epoch's end is a step of its own.
 *
 * @param batches of an epoch
 * @param full how many of them are full
 * @param together full batches of a step at most, once steps have several
 * @param from steps before that, over all epochs, with one batch each
 */
record EpochSteps(int batches, int full, int together, long from) {
    /** Returns how many batches of an epoch have a step each before steps have several. */
    private int alone(long epoch) {
        return (int) Math.max(0, Math.min(batches, from - epoch * batches));
    }

    private int groups(int alone) {
        return Math.max(0, full - alone + together - 1) / together;
    }

    /** Returns the steps of an epoch. */
    int count(long epoch) {
        var alone = alone(epoch);
        return alone >= full ? batches : alone + groups(alone) + batches - full;
    }

    /** Returns the first step of an epoch. */
    long first(long epoch) {
        var change = from / batches;
        return epoch <= change
                ? epoch * batches
                : change * batches + count(change) + (epoch - change - 1) * count(change + 1);
    }

    /** Returns the epoch that a step is part of. */
    long epoch(long step) {
        var change = from / batches;
        var after = step - change * batches;
        if (after < 0) {
            return step / batches;
        }
        return after < count(change)
                ? change
                : change + 1 + (after - count(change)) / count(change + 1);
    }

    /** Returns the first batch of a step, counted over all epochs. */
    long batch(long step) {
        var epoch = epoch(step);
        var index = (int) (step - first(epoch));
        var alone = Math.min(alone(epoch), full);
        var group = index - alone;
        var behind = group - groups(alone);
        return epoch * batches
                + (group < 0 ? index : behind < 0 ? alone + group * together : full + behind);
    }

    /** Returns how many batches the step has that begins with a batch. */
    int together(long first) {
        var index = (int) (first % batches);
        return index < alone(first / batches) || index >= full
                ? 1
                : Math.min(together, full - index);
    }
}
