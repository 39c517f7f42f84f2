package dev.tutti.deploy.command;

import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.trace.Trace;
import dev.tutti.common.trace.TraceSvg;
import dev.tutti.common.trace.TraceText;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti trace}: one sample through a small model and back, every number shown. */
@Command(
        name = "trace",
        description =
                "Shows every value of the forward pass and every derivative of the backward pass of one sample.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti trace",
            "  tutti trace --model \"dense(4),tanh,dense(2)\" --loss mse --input 3 --svg trace.svg",
            "  tutti trace --model \"dense(8),relu,dense\" --loss softmax-cross-entropy --data digits --sample 7"
        })
public final class TraceCommand implements Callable<Integer> {
    @Mixin private ExampleOptions example = new ExampleOptions();

    @Option(
            names = "--sample",
            paramLabel = "I",
            defaultValue = "0",
            description = "number of the sample in the data; default: ${DEFAULT-VALUE}")
    private int sample;

    @Option(names = "--svg", paramLabel = "FILE", description = "also draw it into this file")
    private Optional<Path> svg = Optional.empty();

    @Override
    public Integer call() {
        Require.that(sample >= 0, "--sample must be at least 0, was " + sample);
        var ready = example.prepare(sample, 1);
        var trace =
                Trace.of(
                        ready.model(),
                        ready.loss(),
                        ready.weights(),
                        ready.workspace(),
                        new PassContext(PassContext.Mode.EVALUATION, example.seed, 0, _ -> sample));
        System.out.println(TraceText.of(trace));
        svg.ifPresent(file -> write(TraceSvg.of(trace), file));
        return ExitCode.OK.number();
    }

    private static void write(String drawing, Path file) {
        try {
            Files.writeString(file, drawing);
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT, "cannot write %s: %s".formatted(file, Reason.of(e, file)));
        }
    }
}
