package dev.tutti.deploy.support;

import dev.tutti.deploy.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The command, run inside the test's JVM as a user would run it.
 *
 * @param exitCode as the shell would see it
 * @param out standard output
 * @param err standard error
 */
public record Cli(int exitCode, String out, String err) {
    /** Runs the command; the standard streams are captured, so calls must not overlap. */
    public static Cli run(String... arguments) {
        var out = new ByteArrayOutputStream();
        var ended = run(new PrintStream(out, true, StandardCharsets.UTF_8), arguments);
        return new Cli(ended.exitCode(), out.toString(StandardCharsets.UTF_8), ended.err());
    }

    /** Runs the command with another standard output, of which nothing is captured. */
    public static synchronized Cli run(PrintStream out, String... arguments) {
        var err = new ByteArrayOutputStream();
        var previousOut = System.out;
        var previousErr = System.err;
        System.setOut(out);
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            var exitCode = Main.run(arguments);
            return new Cli(exitCode, "", err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(previousOut);
            System.setErr(previousErr);
        }
    }

    /** Returns the last line of standard output. */
    public String lastLine() {
        return out.strip().lines().reduce("", (_, line) -> line);
    }
}
