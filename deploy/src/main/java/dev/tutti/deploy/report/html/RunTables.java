package dev.tutti.deploy.report.html;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/** The tables of some runs: their final figures, their settings, and how to repeat each. */
public final class RunTables {
    private static final int DIGEST_CHARACTERS = 12;

    /** The figures of the table, by their names in the summary. */
    private static final List<Column> COLUMNS =
            List.of(
                    new Column("test accuracy", "testAccuracy"),
                    new Column("test loss", "testLoss"),
                    new Column("validation accuracy", "validationAccuracy"),
                    new Column("validation loss", "validationLoss"),
                    new Column("loss in training", "trainLoss"),
                    new Column("steps", "steps"),
                    new Column("samples", "samples"),
                    new Column("shards audited", "audits"),
                    new Column("audits that differed", "auditDifferences"),
                    new Column("virtual seconds", "virtualSeconds"),
                    new Column("seconds", "seconds"));

    private RunTables() {}

    private record Column(String text, String name) {}

    /**
     * Returns the table of final figures.
     *
     * @param runs by their labels
     */
    public static Markup figures(SequencedMap<String, RecordedRun> runs) {
        var shown =
                COLUMNS.stream()
                        .filter(column ->
                                runs.values().stream()
                                        .anyMatch(run -> run.figure(column.name()).isPresent()))
                        .toList();
        var table = new Table("final figures; a dash where a run has none");
        var head = new ArrayList<String>(List.of("run"));
        shown.forEach(column -> head.add(column.text()));
        head.addAll(List.of("bytes on the network", "weights (SHA-256)"));
        table.head(head);
        runs.forEach((label, run) -> {
            table.name(label);
            shown.forEach(column -> table.number(run.figure(column.name())));
            table.number(bytes(run));
            table.code(run.figureText("weightsDigest").map(RunTables::shortened).orElse("not over"))
                    .endRow();
        });
        return table.markup();
    }

    /** Returns what averaging rules made of the gradients that were looked at, if any were. */
    static Markup rules(SequencedMap<String, RecordedRun> runs) {
        if (runs.values().stream().allMatch(run -> run.observed().rules().isEmpty())) {
            return new Markup();
        }
        var table =
                new Table(
                        "averaging rules against the mean of the shards, means over the steps that were looked at");
        table.head(List.of("run", "rule", "steps", "cosine with the mean", "distance / length"));
        runs.forEach((label, run) -> {
            for (var rule : run.observed().rules()) {
                table.name(label).code(rule.name()).number(rule.steps());
                table.number(rule.cosine()).number(rule.distance()).endRow();
            }
        });
        return new Markup()
                .element("h2", "What rules make of the same gradients")
                .element(
                        "p",
                        "A cosine of 1 and a distance of 0 are the mean itself. Rules that a run does not step along have changed nothing of it.")
                .add(table.markup());
    }

    /** Returns how far means were from gradients of whole batches, if any were computed. */
    static Markup proofs(SequencedMap<String, RecordedRun> runs) {
        if (runs.values().stream().allMatch(run -> run.observed().proofs() == 0)) {
            return new Markup();
        }
        var table = new Table("steps whose whole batch one party has computed by itself");
        table.head(List.of("run", "steps", "failed", "largest relative error of a layer"));
        runs.forEach((label, run) -> {
            var observed = run.observed();
            table.name(label).number(observed.proofs()).number(observed.failed());
            table.number(observed.errorMax()).endRow();
        });
        return new Markup().element("h2", "Proofs").add(table.markup());
    }

    /** Returns what went over the network; nothing within one process. */
    private static OptionalDouble bytes(RecordedRun run) {
        var sent = run.figure("bytesSent");
        return sent.isEmpty()
                ? sent
                : OptionalDouble.of(sent.getAsDouble() + run.figure("bytesReceived").orElse(0));
    }

    private static String shortened(String digest) {
        return digest.length() <= DIGEST_CHARACTERS
                ? digest
                : digest.substring(0, DIGEST_CHARACTERS);
    }

    /**
     * Returns the table of settings that all runs share.
     *
     * @param runs at least one
     */
    public static Markup shared(Collection<RecordedRun> runs) {
        var settings = ChangedSettings.of(List.copyOf(runs)).common();
        var table = new Table("the same in all runs");
        table.head(List.of("setting", "value"));
        settings.forEach((key, value) -> table.name(key).code(value).endRow());
        return new Markup()
                .open("details")
                .element("summary", "Settings that all runs share")
                .add(table.markup())
                .close("details");
    }

    /** Returns the command that repeats each run. */
    public static Markup commands(SequencedMap<String, RecordedRun> runs) {
        var markup = new Markup();
        runs.forEach((label, run) ->
                markup.element("h3", label)
                        .open("pre")
                        .element("code", RepeatCommand.of(run.settings()))
                        .close("pre"));
        return markup;
    }
}
