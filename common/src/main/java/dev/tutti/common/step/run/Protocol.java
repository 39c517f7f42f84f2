package dev.tutti.common.step.run;

/** What both sides of the wire must agree on before they say anything else. */
public final class Protocol {
    /** Version of the protocol; raised by every change that an older peer would misread. */
    public static final int VERSION = 10;

    private Protocol() {}
}
