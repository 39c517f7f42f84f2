package dev.tutti.deploy.run;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.report.Tally;
import dev.tutti.common.step.compute.Evaluator;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.vector.Elements;
import dev.tutti.coordinator.record.Judge;
import dev.tutti.coordinator.record.RunReport;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The report at the end of a run: of its test samples, or of its validation samples if there are no
 * test samples. It computes what {@code tutti evaluate} computes of the model's file.
 *
 * @param run whose model is judged
 * @param kernel is asked for once there are samples
 */
record ResultReport(PreparedRun run, Supplier<Kernel> kernel) implements Judge {
    @Override
    public Optional<RunReport> report(MemorySegment weights) {
        var split = run.spec().split(run.dataset());
        var part = split.test().length > 0 ? Part.TEST : Part.VALIDATION;
        var rows = part == Part.TEST ? split.test() : split.validation();
        if (rows.length == 0) {
            return Optional.empty();
        }
        var model = run.spec().buildModel();
        var loss = Losses.CATALOGUE.parse(run.spec().loss());
        var tally = Tally.of(run.dataset(), loss, rows, model.output().size(), run.targetScaling());
        var evaluator = new Evaluator(Arena.ofAuto(), run.dataset(), model, loss, kernel.get());
        evaluator.evaluate(Elements.of(weights), rows, 0, rows.length, tally::add);
        return Optional.of(new RunReport(part.name().toLowerCase(Locale.ROOT), tally.report()));
    }
}
