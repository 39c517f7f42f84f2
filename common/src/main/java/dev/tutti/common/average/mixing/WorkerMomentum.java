package dev.tutti.common.average.mixing;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * Each virtual worker brings a moving average of its gradients, {@code m ← beta · m + (1 − beta) ·
 * g} from 0 on, instead of its gradient (Karimireddy et al. 2021, "Learning from history for
 * Byzantine robust optimization", algorithm 2). The averages of honest workers differ less from
 * each other than their gradients do, which is what robust rules need.
 *
 * <p>The vectors are the state of virtual workers, one for each. The coordinator keeps them, so
 * they do not depend on who computes; a checkpoint has them. Other mixings see what comes of them.
 *
 * @param beta at least 0 and below 1; with 0 no vector is changed
 */
public record WorkerMomentum(@Default("0.9") double beta) implements Mixing {
    /** Refuses a momentum that does not fade. */
    public WorkerMomentum {
        Bounds.belowOne("beta", beta);
    }

    @Override
    public boolean isNeutral() {
        return beta == 0;
    }
}
