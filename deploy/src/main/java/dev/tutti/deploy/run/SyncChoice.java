package dev.tutti.deploy.run;

import dev.tutti.common.nn.Model;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.sync.SyncMode;
import dev.tutti.common.sync.SyncModes;
import dev.tutti.common.sync.order.Clocks;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.RunOptions;

/**
 * Who is waited for, and by which clock, as a run's options say it: with all that follows from
 * other options, and refused where it cannot be had.
 *
 * @param sync the mode as text
 * @param clock the clock as text, or {@link RunSpec#NO_CLOCK}
 */
record SyncChoice(String sync, String clock) {
    /** The clock of a mode that needs one, where the options name none. */
    private static final String CLOCK = "virtual";

    /**
     * Returns the choice of some options.
     *
     * @param rate of the run, at which virtual workers take their own steps unless they say
     *     otherwise
     */
    static SyncChoice of(RunOptions options, Model model, int shards, double rate) {
        var optimizer = Optimizers.CATALOGUE.parse(options.optimizer);
        var mode =
                SyncModes.CATALOGUE
                        .parse(options.sync)
                        .inRun(rate, Optimizers.CATALOGUE.format(optimizer));
        mode.refusal(shards).ifPresent(SyncChoice::refuse);
        if (!model.rounds().isEmpty() && (!mode.isWhole() || mode.isLocal())) {
            refuse(
                    "--sync %s does not go with a layer that measures the whole batch, such as batch-norm: no moment has all gradients of a batch; use layer-norm, or --sync synchronous"
                            .formatted(options.sync));
        }
        if (mode.isLocal() && !options.wire.equals(Roundings.NONE.text())) {
            refuse(
                    "--sync %s sends sums of gradients as fp32: leave --wire %s out"
                            .formatted(options.sync, options.wire));
        }
        if (mode.isLocal() && (options.regularizer.isPresent() || options.clipNorm.isPresent())) {
            refuse(
                    "--sync %s does not go with --regularizer or --clip-norm: virtual workers take their own steps without them; use an optimizer with weight-decay"
                            .formatted(options.sync));
        }
        return new SyncChoice(SyncModes.CATALOGUE.format(mode), clock(options, mode));
    }

    private static String clock(RunOptions options, SyncMode mode) {
        var text = options.clock.orElse(mode.isWhole() ? RunSpec.NO_CLOCK : CLOCK);
        if (!text.equals(RunSpec.NO_CLOCK)) {
            var clock = Clocks.CATALOGUE.parse(text);
            if (!clock.isModel() && mode.byArrival().isEmpty()) {
                refuse(
                        "--clock %s has no effect with --sync %s, which does not take gradients one after another as they come: use stale(s), asynchronous or dc-asgd, or another --clock"
                                .formatted(text, options.sync));
            }
            return Clocks.CATALOGUE.format(clock);
        }
        if (!mode.isWhole()) {
            refuse(
                    "--sync %s needs a clock that says who comes first: give --clock virtual, or leave --clock out"
                            .formatted(options.sync));
        }
        return text;
    }

    private static void refuse(String why) {
        throw new UserException(ExitCode.USAGE, why);
    }
}
