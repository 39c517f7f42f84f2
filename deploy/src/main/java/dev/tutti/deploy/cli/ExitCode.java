package dev.tutti.deploy.cli;

/** How the command can end. Documented in docs/REFERENCE.md; never renumbered. */
public enum ExitCode {
    /** Success. */
    OK(0),
    /** A check that was asked for failed. */
    CHECK_FAILED(1),
    /** An invalid option, plug-in or configuration. */
    USAGE(2),
    /** Data or a model file that is missing, malformed or does not fit. */
    DATA(3),
    /** No workers: none joined, or all were lost. */
    NO_WORKERS(4),
    /** The gradient became NaN or infinite. */
    DIVERGED(5),
    /** A shard could not be computed, in several attempts. */
    SHARD_FAILED(6),
    /** No coordinator answered. */
    UNREACHABLE(7),
    /** One side refused the other: not a member, not Tutti, another protocol or kernel. */
    REFUSED(8),
    /** An address that cannot be listened on. */
    ADDRESS(9),
    /** The coordinator gave the run up; its own log says why. */
    ABORTED(10),
    /** A file or folder, or standard output, that cannot be written. */
    OUTPUT(11),
    /** A run that cannot continue: missing, complete, in use, or without a whole checkpoint. */
    NOT_RESUMABLE(12),
    /** Too little memory, shared memory, disk or open files for what was asked. */
    RESOURCES(13),
    /** Two processes compute a shard with other bits, and nobody can tell which are right. */
    DISPUTED(14),
    /** A defect of Tutti. */
    INTERNAL(70),
    /** Stopped by SIGHUP, as when its terminal closes; a run takes a checkpoint first. */
    HUNG_UP(129),
    /** Stopped by SIGINT (Ctrl-C); a run takes a checkpoint first. */
    INTERRUPTED(130),
    /** The reader of standard output has gone, as in a pipe to head; nothing is said. */
    PIPE_CLOSED(141),
    /** Stopped by SIGTERM; a run takes a checkpoint first. */
    TERMINATED(143);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** Returns the number that the shell sees. */
    public int number() {
        return number;
    }
}
