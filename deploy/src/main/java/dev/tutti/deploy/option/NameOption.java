package dev.tutti.deploy.option;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.machine.ThisProcess;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option by which a member tells the coordinator what to call its host. */
public final class NameOption {
    private static final int CHARACTERS_MAX = 128;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "name of this host in the lines and logs of the run; default: the machine's host name")
    private Optional<String> name = Optional.empty();

    /** Returns the host's name for a process that joins. */
    public String host() {
        return name.map(NameOption::checked).orElseGet(ThisProcess::hostName);
    }

    /** Refuses a name that cannot be, before anything else is done. */
    public void check() {
        name.ifPresent(NameOption::checked);
    }

    private static String checked(String name) {
        if (name.length() > CHARACTERS_MAX || !name.matches("[\\p{L}\\p{N}\\p{P}\\p{S}]+")) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--name must be 1 to %d characters without spaces, was \"%s\""
                            .formatted(CHARACTERS_MAX, name));
        }
        return name;
    }
}
