package dev.tutti.deploy.command;

import dev.tutti.deploy.certs.CertificateAuthority;
import dev.tutti.deploy.certs.HostCertificate;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tutti certs}: a CA of one's own and a certificate for each host. */
@Command(
        name = "certs",
        description = "Makes the certificates by which the members of a cluster know each other.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "DIR/HOST is the folder that goes to HOST, for --certs there; DIR/ca.key stays here.",
            "A host that has a certificate gets a new one; running processes take it at their next connection.",
            "",
            "Examples:",
            "  tutti certs --dir certs lab1=lab1.example.org,10.0.0.5 lab2 lab3",
            "  tutti certs --dir certs --renew --days 90"
        })
public final class CertsCommand implements Callable<Integer> {
    private static final int DAYS_MAX = 3650;

    @Parameters(
            paramLabel = "HOST[=NAME,…]",
            arity = "0..*",
            description =
                    "a host, and the names and IP addresses by which workers reach it; default: its own name; localhost is always among them")
    private List<String> hosts = List.of();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            required = true,
            description = "the folder of the CA, made if there is none")
    private Path directory = Path.of("");

    @Option(
            names = "--renew",
            description = "make a new certificate for every host in DIR, with the names it has")
    private boolean renew;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "days that a host's certificate is valid; default: ${DEFAULT-VALUE}")
    private int days;

    @Override
    public Integer call() {
        if (days < 1 || days > DAYS_MAX) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--days must be from 1 to %d, was %d".formatted(DAYS_MAX, days));
        }
        if (hosts.isEmpty() && !renew) {
            throw new UserException(
                    ExitCode.USAGE,
                    "name a host such as lab1=lab1.example.org,10.0.0.5, or --renew");
        }
        try {
            var authority = CertificateAuthority.in(directory, Instant.now());
            var wanted = new ArrayList<HostCertificate>();
            if (renew) {
                wanted.addAll(authority.hosts());
            }
            hosts.stream().map(HostCertificate::parse).forEach(wanted::add);
            for (var host : wanted) {
                tell(host, authority.issue(host, Instant.now(), Duration.ofDays(days)));
            }
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT,
                    "cannot write certificates to %s: %s"
                            .formatted(directory, Reason.of(e, directory)));
        }
        return ExitCode.OK.number();
    }

    // No method here names the authority: to list a command's methods would load its libraries.
    private void tell(HostCertificate host, Path folder) {
        System.out.printf(
                "%s: for %s, %d days; start its processes with --certs %s%n",
                host.host(),
                String.join(", ", host.names()),
                days,
                Optional.ofNullable(folder.getFileName()).map(_ -> folder).orElse(directory));
    }
}
