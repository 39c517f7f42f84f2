package dev.tutti.deploy.option;

import dev.tutti.deploy.cli.Address;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.access.Access;
import dev.tutti.proto.access.Certificates;
import dev.tutti.proto.access.Hosts;
import dev.tutti.proto.access.RunToken;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say who gets in; {@code coordinator} and {@code worker} share them. */
public final class AccessOptions {
    /** The variable that may hold the run's token. */
    public static final String TOKEN_VARIABLE = "TUTTI_TOKEN";

    private static final Duration EXPIRES_SOON = Duration.ofDays(7);

    @Option(
            names = "--certs",
            paramLabel = "DIR",
            description =
                    "this host's folder of certificates, as tutti certs makes it: encrypts, and lets only members in; needed on every address but loopback")
    private Optional<Path> certs = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "a file with the run's token, which coordinator and workers must share; or set TUTTI_TOKEN")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--insecure",
            description = "plaintext on an address that other machines reach, without certificates")
    private boolean insecure;

    /** Returns these options, with what a run had before where they say nothing. */
    public AccessOptions orAsBefore(Map<String, String> before) {
        var as = new AccessOptions();
        as.certs = certs.or(() -> insecure ? Optional.empty() : path(before, "certs"));
        as.tokenFile = tokenFile.or(() -> path(before, "token-file"));
        as.insecure = insecure || (as.certs.isEmpty() && "true".equals(before.get("insecure")));
        return as;
    }

    private static Optional<Path> path(Map<String, String> before, String key) {
        return Optional.ofNullable(before.get(key)).filter(text -> !text.isEmpty()).map(Path::of);
    }

    /**
     * Returns what to show and to ask for on an address.
     *
     * @param option that named the address, for messages
     */
    public Access of(String option, Address address) {
        if (insecure && certs.isPresent()) {
            throw new UserException(
                    ExitCode.USAGE, "--insecure and --certs are both given: leave one out");
        }
        var access = new Access(certs.map(Certificates::in), token());
        access.certificates().ifPresent(AccessOptions::warnOfExpiry);
        if (access.certificates().isEmpty() && !Hosts.isLoopback(address.host())) {
            if (!insecure) {
                throw new UserException(
                        ExitCode.USAGE,
                        "%s %s:%d leaves this machine: give --certs DIR (tutti certs makes it), or --insecure for plaintext"
                                .formatted(option, address.host(), address.port()));
            }
            System.err.printf(
                    "warning: --insecure: plaintext on %s:%d: everybody on the way can read and change the run%s%n",
                    address.host(),
                    address.port(),
                    access.token().isPresent() ? ", and the token" : ", and join it");
        }
        return access;
    }

    /** A run may outlive its certificates: later joins are then refused. */
    private static void warnOfExpiry(Certificates certificates) {
        var left = Duration.between(Instant.now(), certificates.expiry());
        if (left.compareTo(EXPIRES_SOON) < 0) {
            System.err.printf(
                    "warning: the certificate in %s %s: make new ones with tutti certs%n",
                    certificates.folder(),
                    left.isNegative()
                            ? "has expired"
                            : "is valid for %d h more".formatted(left.toHours()));
        }
    }

    private Optional<RunToken> token() {
        return tokenFile
                .map(RunToken::read)
                .or(() ->
                        Optional.ofNullable(System.getenv(TOKEN_VARIABLE))
                                .filter(text -> !text.isBlank())
                                .map(RunToken::new));
    }
}
