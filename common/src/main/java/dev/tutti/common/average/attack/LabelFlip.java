package dev.tutti.common.average.attack;

/**
 * Faulty shards train on the class C − 1 − c instead of c (Fang et al. 2020, "Local Model Poisoning
 * Attacks to Byzantine-Robust Federated Learning", section 5.1). The loss and accuracy that they
 * report are those of these classes.
 */
public record LabelFlip() implements LabelAttack {
    @Override
    public int label(int label, int classes) {
        return classes - 1 - label;
    }
}
