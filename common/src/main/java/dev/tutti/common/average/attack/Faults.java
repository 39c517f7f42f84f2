package dev.tutti.common.average.attack;

import java.util.Optional;

/**
 * Which shards of a run are faulty, and what they do.
 *
 * @param attack what they send, if there are any
 * @param faulty how many, the last ones of each step
 */
public record Faults(Optional<Attack> attack, int faulty) {
    /** All shards are honest. */
    public static final Faults NONE = new Faults(Optional.empty(), 0);

    /** Refuses an attack of no shard, and faulty shards that do nothing. */
    public Faults {
        if (faulty < 0) {
            throw new IllegalArgumentException("faulty must be at least 0, was " + faulty);
        }
        if (attack.isPresent() && faulty == 0) {
            throw new IllegalArgumentException(
                    "attack %s has no shard to act on: say how many are faulty with --faulty"
                            .formatted(Attacks.CATALOGUE.format(attack.get())));
        }
        if (attack.isEmpty() && faulty > 0) {
            throw new IllegalArgumentException(
                    "faulty of %d without an attack: say what these shards send with --attack, or leave it out"
                            .formatted(faulty));
        }
    }

    /** Returns the faults of texts; the attack's may be {@link Attacks#NONE}. */
    public static Faults of(String attack, int faulty) {
        return new Faults(
                attack.equals(Attacks.NONE)
                        ? Optional.empty()
                        : Optional.of(Attacks.CATALOGUE.parse(attack)),
                faulty);
    }

    /** Returns the text of the attack, or {@link Attacks#NONE}. */
    public String attackText() {
        return attack.map(Attacks.CATALOGUE::format).orElse(Attacks.NONE);
    }

    /** Returns why a step of so many shards cannot have these faults; empty if it can. */
    public Optional<String> refusal(int shards) {
        return faulty >= shards
                ? Optional.of(
                        "--faulty %d leaves no honest shard of %d: lower it, or raise --shards"
                                .formatted(faulty, shards))
                : attack.flatMap(known -> known.refusal(shards - faulty));
    }

    /** Returns the same shards with another attack. */
    public Faults with(Attack other) {
        return new Faults(Optional.of(other), faulty);
    }

    /** Tells whether faulty shards send anything but what they have computed. */
    public boolean changesVectors() {
        return attack.isPresent() && !(attack.get() instanceof LabelAttack);
    }

    /** Tells whether it depends on all vectors of a step how strong the attack is. */
    public boolean isTuned() {
        return attack.isPresent()
                && switch (attack.get()) {
                    case GramAttack _ -> true;
                    case VectorAttack known -> known.tries().size() > 1;
                    case LabelAttack _, Stale _ -> false;
                };
    }

    /** Returns how old the gradients are that faulty shards send; 0 if they are not. */
    public int age() {
        return attack.isPresent() && attack.get() instanceof Stale(var age) ? age : 0;
    }

    /** Overwrites what the faulty shards have sent; see {@link VectorAttack#strike}. */
    public void strike(Attack.Scene scene, int count, float[][] vectors) {
        if (attack.isPresent() && attack.get() instanceof VectorAttack known) {
            known.strike(scene, vectors.length - faulty, count, vectors);
        }
    }
}
