package dev.tutti.deploy.command;

import dev.tutti.common.graph.check.GradientCheck;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.option.KernelOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti check-gradients}: backpropagation against three independent oracles. */
@Command(
        name = "check-gradients",
        description = {
            "Compares a model's gradients, parameter by parameter: backpropagation in floats,",
            "reverse and forward mode of a computational graph, and central differences."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Exit code 0 if all agree, 1 if any does not.",
            "",
            "Examples:",
            "  tutti check-gradients",
            "  tutti check-gradients --model lenet5 --loss softmax-cross-entropy --input 1x28x28 --outputs 10",
            "  tutti check-gradients --model \"dense(8),gelu,dense\" --loss mse --data curve.csv"
        })
public final class CheckGradientsCommand implements Callable<Integer> {
    @Mixin private ExampleOptions example = new ExampleOptions();

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "4",
            description = "samples of the batch; default: ${DEFAULT-VALUE}")
    private int samples;

    @Mixin private KernelOption kernel = new KernelOption();

    @Override
    public Integer call() {
        Require.positive("--samples", samples);
        var ready = example.prepare(0, samples);
        var report =
                GradientCheck.check(
                        kernel.choose(),
                        ready.model(),
                        ready.loss(),
                        ready.weights(),
                        ready.workspace(),
                        samples,
                        new PassContext(PassContext.Mode.TRAINING, example.seed, 0, row -> row),
                        example.seed);
        System.out.println(report.text());
        return (report.passes() ? ExitCode.OK : ExitCode.CHECK_FAILED).number();
    }
}
