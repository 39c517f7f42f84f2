package dev.tutti.deploy.certs;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.access.Hosts;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * What a host's certificate says.
 *
 * @param host the name of its folder
 * @param names host names and IP addresses that it is for
 */
public record HostCertificate(String host, List<String> names) {
    /** What a machine calls itself, for tunnels and for tests. */
    private static final List<String> ITSELF = List.of("localhost", "127.0.0.1", "::1");

    public HostCertificate {
        // The host names a folder, so it must not lead elsewhere.
        if (!Hosts.isName(host) && !host.matches("[0-9a-fA-F:.]*[0-9a-fA-F:]")) {
            throw refused(host);
        }
        names.stream()
                .filter(name -> !Hosts.isName(name) && !Hosts.isAddress(name))
                .findFirst()
                .ifPresent(name -> {
                    throw refused(name);
                });
        names = List.copyOf(names);
    }

    /** Reads {@code host} or {@code host=name,name}. */
    public static HostCertificate parse(String text) {
        var equals = text.indexOf('=');
        var host = equals < 0 ? text : text.substring(0, equals);
        var names = new LinkedHashSet<String>();
        if (equals < 0) {
            names.add(host);
        } else {
            names.addAll(List.of(text.substring(equals + 1).split(",", -1)));
        }
        names.addAll(ITSELF);
        return new HostCertificate(host, List.copyOf(names));
    }

    private static UserException refused(String name) {
        return new UserException(
                ExitCode.USAGE,
                "\"%s\" is no host name and no IP address; expected HOST or HOST=NAME,NAME"
                        .formatted(name));
    }
}
