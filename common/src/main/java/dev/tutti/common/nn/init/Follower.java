package dev.tutti.common.nn.init;

/** What the output of a layer with drawn weights goes into, for an initialiser. */
public enum Follower {
    /** Not known: the layer does not stand in a model yet. */
    UNKNOWN,
    /** A function that lets about half of what it gets through, such as relu. */
    RECTIFIER,
    /** A function that is linear around zero and flat away from it, such as tanh. */
    SATURATING,
    /** Another layer with drawn weights, and no function in between. */
    LAYER,
    /** Nothing that learns: the layer is the last of a model or of a residual block. */
    END
}
