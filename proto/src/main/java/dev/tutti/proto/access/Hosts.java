package dev.tutti.proto.access;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** What a text that stands for a host is. */
public final class Hosts {
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\\.[A-Za-z0-9_-]{1,63}){0,9}");
    private static final Pattern FOUR_NUMBERS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private Hosts() {}

    /** Tells whether a text is an IP address, of version 4 or 6. */
    public static boolean isAddress(String host) {
        return FOUR_NUMBERS.matcher(host).matches() || host.contains(":");
    }

    /** Tells whether a text is a host name. */
    public static boolean isName(String host) {
        return !isAddress(host) && NAME.matcher(host).matches();
    }

    /** Tells whether a host is this machine alone, so that nothing leaves it. */
    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }

    /** Returns a peer's address without its port. */
    static String hostOf(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? internet.getAddress() == null
                        ? internet.getHostString()
                        : internet.getAddress().getHostAddress()
                : address.toString();
    }
}
