package dev.tutti.deploy.bench.peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A peer's script, run to its end.
 *
 * @param torch that runs it
 * @param distribution that it is part of
 * @param name of its file
 */
public record PeerScript(Torch torch, Distribution distribution, String name) {
    private static final Duration TIME_MAX = Duration.ofMinutes(5);

    /**
     * Returns what it printed. One that fails is run once more: gloo aborts now and then while its
     * processes connect or end, and a long measurement should not be lost by that.
     *
     * @param threads of each process
     * @throws BenchException if it fails again
     */
    public String output(int threads, List<String> arguments) {
        try {
            return run(threads, arguments);
        } catch (BenchException e) {
            System.err.println("tutti: " + e.getMessage() + "; trying once more");
            return run(threads, arguments);
        }
    }

    private String run(int threads, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(torch.python().toString());
        command.add(distribution.script(name).toString());
        command.addAll(arguments);
        try (var child = Child.start(name, command, Torch.environment(threads))) {
            return child.output(TIME_MAX);
        }
    }
}
