package dev.tutti.common.average.attack;

/** Faulty shards that compute as they should, from samples with wrong classes. */
public non-sealed interface LabelAttack extends Attack {
    /** Returns the class that a sample of a faulty shard has instead of its own. */
    int label(int label, int classes);
}
