package dev.tutti.deploy.bench.peer;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The installed distribution that this process belongs to: what a user starts.
 *
 * @param home its folder
 */
public record Distribution(Path home) {
    /**
     * Returns the distribution that this class was loaded from.
     *
     * @throws BenchException if it was loaded from somewhere else
     */
    public static Distribution find() {
        var found = Distribution.class.getProtectionDomain().getCodeSource().getLocation();
        try {
            var home = Path.of(found.toURI()).resolveSibling("..").normalize();
            var distribution = new Distribution(home);
            if (Files.isExecutable(distribution.launcher())) {
                return distribution;
            }
        } catch (URISyntaxException e) {
            throw new BenchException("cannot read the location of " + found, e);
        }
        throw new BenchException(
                "%s is in no distribution, and this measurement starts one: run bin/tutti of a distribution, or ./tutti of a checkout"
                        .formatted(found));
    }

    /** Returns the {@code tutti} command. */
    public Path launcher() {
        return home.resolve("bin").resolve("tutti");
    }

    /** Returns a peer's script. */
    public Path script(String name) {
        return home.resolve("bench").resolve(name);
    }
}
