package dev.tutti.deploy.simulate;

import java.util.regex.Pattern;

/**
 * How the machines of a cluster are connected.
 *
 * @param fanout most members of the coordinator and of each relay; all of them in a star
 */
public record Topology(int fanout) {
    /** All workers are connected to the coordinator. */
    public static final Topology STAR = new Topology(Integer.MAX_VALUE);

    private static final Pattern TREE = Pattern.compile("tree\\((?:fanout=)?(\\d{1,6})\\)");

    /**
     * Reads {@code star} or {@code tree(fanout=16)}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Topology parse(String text) {
        var match = TREE.matcher(text);
        if (match.matches() && Integer.parseInt(match.group(1)) >= 2) {
            return new Topology(Integer.parseInt(match.group(1)));
        }
        if (text.equals("star")) {
            return STAR;
        }
        throw new IllegalArgumentException(
                "--topology: cannot read \"%s\"; expected star, or tree(fanout=16) with a fanout of at least 2"
                        .formatted(text));
    }

    /** Tells whether so many workers need relays. */
    public boolean needsRelays(int workers) {
        return workers > fanout;
    }

    /** Returns it as an option has it. */
    @Override
    public String toString() {
        return equals(STAR) ? "star" : "tree(fanout=%d)".formatted(fanout);
    }
}
