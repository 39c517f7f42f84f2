package dev.tutti.deploy.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host and a port, as a user writes them.
 *
 * @param host name or address; one of IPv6 is in brackets
 * @param port 0 to 65535
 */
public record Address(String host, int port) {
    private static final int PORT_MAX = 65_535;
    private static final Pattern FORM =
            Pattern.compile(
                    "(\\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?]|[A-Za-z0-9._-]+):([0-9]{1,5})");

    /** What people write around an address: a scheme, a user, a path. */
    private static final Pattern AROUND =
            Pattern.compile(
                    "\\s*(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^@/\\s]*@)?([^@/\\s]*)(?:/.*)?\\s*");

    private static final Pattern BARE_IPV6 =
            Pattern.compile("([0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*):([0-9]{1,5})");

    /**
     * Reads {@code host:port}; port 0 is any that is free.
     *
     * @param option for the message
     */
    public static Address parse(String option, String text) {
        return read(text)
                .orElseThrow(() ->
                        new UserException(
                                ExitCode.USAGE,
                                "%s must be HOST:PORT such as 127.0.0.1:4700 or [::1]:4700, was \"%s\"%s"
                                        .formatted(option, text, suggestion(text))));
    }

    /** Reads the address of something that listens: its port is never 0. */
    public static Address ofPeer(String option, String text) {
        var address = parse(option, text);
        if (address.port == 0) {
            throw new UserException(
                    ExitCode.USAGE,
                    "%s must have a port from 1 to %d, the one that the coordinator printed, was \"%s\""
                            .formatted(option, PORT_MAX, text));
        }
        if (!isHost(address.host, address.port)) {
            throw new UserException(
                    ExitCode.USAGE,
                    "%s must have a host name of letters, digits, dots and hyphens, or an IP address, was \"%s\""
                            .formatted(option, text));
        }
        return address;
    }

    private static Optional<Address> read(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        var port = Integer.parseInt(form.group(2));
        return port <= PORT_MAX ? Optional.of(new Address(form.group(1), port)) : Optional.empty();
    }

    /** Asks as gRPC will: a host that it refuses would be refused within an actor. */
    private static boolean isHost(String host, int port) {
        try {
            return new URI(null, null, host, port, null, null, null).getHost() != null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    private static String suggestion(String text) {
        var around = AROUND.matcher(text);
        var inner = around.matches() ? around.group(1) : text;
        var bare = BARE_IPV6.matcher(inner);
        var meant = bare.matches() ? "[" + bare.group(1) + "]:" + bare.group(2) : inner;
        return read(meant).isPresent() ? "; did you mean " + meant + "?" : "";
    }
}
