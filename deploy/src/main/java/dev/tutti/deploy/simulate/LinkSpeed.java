package dev.tutti.deploy.simulate;

import java.util.regex.Pattern;

/**
 * The link of each machine.
 *
 * @param bytesPerSecond each way
 * @param latencyNanos from one machine to another
 */
public record LinkSpeed(double bytesPerSecond, long latencyNanos) {
    private static final Pattern RATE = Pattern.compile("(\\d+(?:\\.\\d+)?)([KMGT])bit");
    private static final Pattern LATENCY = Pattern.compile("(\\d+(?:\\.\\d+)?)(us|ms|s)");

    /**
     * Reads a link.
     *
     * @param rate such as {@code 10Gbit} or {@code 100Mbit}, a second
     * @param latency such as {@code 50us} or {@code 1ms}
     * @throws IllegalArgumentException if one of them is none
     */
    public static LinkSpeed parse(String rate, String latency) {
        var rateMatch = RATE.matcher(rate);
        if (!rateMatch.matches() || Double.parseDouble(rateMatch.group(1)) == 0) {
            throw new IllegalArgumentException(
                    "--link: cannot read \"%s\"; expected bits a second, such as 100Mbit or 10Gbit"
                            .formatted(rate));
        }
        var latencyMatch = LATENCY.matcher(latency);
        if (!latencyMatch.matches()) {
            throw new IllegalArgumentException(
                    "--latency: cannot read \"%s\"; expected a time, such as 50us or 1ms"
                            .formatted(latency));
        }
        var bits =
                Double.parseDouble(rateMatch.group(1))
                        * Math.pow(1000, 1 + "KMGT".indexOf(rateMatch.group(2)));
        var unit =
                switch (latencyMatch.group(2)) {
                    case "us" -> 1e3;
                    case "ms" -> 1e6;
                    default -> 1e9;
                };
        return new LinkSpeed(
                bits / Byte.SIZE, Math.round(Double.parseDouble(latencyMatch.group(1)) * unit));
    }

    long nanos(long bytes) {
        return Math.round(bytes / bytesPerSecond * 1e9);
    }
}
