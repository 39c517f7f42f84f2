package dev.tutti.deploy.study;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.local.LocalRun;
import dev.tutti.deploy.option.ConfigFile;
import dev.tutti.deploy.process.Verdict;
import dev.tutti.deploy.run.Failures;
import dev.tutti.deploy.study.Study.Combination;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.ParameterException;

/**
 * All runs of a study, prepared but not trained: so settings that exclude each other are known
 * before anything runs.
 *
 * @param runs those that can run
 * @param refusals why the others cannot
 */
record StudyPlan(List<PlannedRun> runs, List<Refusal> refusals) {
    /**
     * A reason, and the runs that it concerns.
     *
     * @param verdict how {@code tutti train} would end
     */
    record Refusal(Verdict verdict, List<Combination> runs) {
        /** Returns how many runs, why, and one of them. */
        String describe() {
            return "%d %s cannot start: %s (such as %s)"
                    .formatted(
                            runs.size(),
                            runs.size() == 1 ? "run" : "runs",
                            verdict.line(),
                            runs.getFirst().label());
        }
    }

    /** Prepares each run. */
    static StudyPlan of(Study study, Path out) {
        var runs = new ArrayList<PlannedRun>();
        var refused = new LinkedHashMap<Verdict, List<Combination>>();
        for (var combination : study.combinations()) {
            try {
                runs.add(prepared(combination, out));
            } catch (ParameterException e) {
                var verdict = new Verdict(ExitCode.USAGE.number(), String.valueOf(e.getMessage()));
                refused.computeIfAbsent(verdict, _ -> new ArrayList<>()).add(combination);
            } catch (RuntimeException e) {
                var verdict = Failures.verdict(e);
                if (verdict.code() == ExitCode.INTERNAL.number()) {
                    throw e;
                }
                refused.computeIfAbsent(verdict, _ -> new ArrayList<>()).add(combination);
            }
        }
        var refusals = new ArrayList<Refusal>();
        refused.forEach((verdict, combinations) ->
                refusals.add(new Refusal(verdict, List.copyOf(combinations))));
        return new StudyPlan(List.copyOf(runs), List.copyOf(refusals));
    }

    private static PlannedRun prepared(Combination combination, Path out) {
        var read = StudyOptions.of(combination.options());
        var values = ConfigFile.values(read.command());
        var run = LocalRun.check(read.options(), out);
        return new PlannedRun(
                combination, RunName.of(values, run.plan().configuration()), run.plan().steps());
    }

    /**
     * Refuses a study some of whose runs cannot start.
     *
     * @param file of the study
     */
    void requireAll(Path file) {
        if (refusals.isEmpty()) {
            return;
        }
        refusals.stream()
                .skip(1)
                .forEach(refusal -> System.err.printf("tutti: %s: %s%n", file, refusal.describe()));
        var first = refusals.getFirst();
        throw new UserException(
                codeOf(first.verdict()),
                "%s: %s; nothing was run: change the values, or leave combinations out with exclude = [{ OPTION = VALUE }]"
                        .formatted(file, first.describe()));
    }

    private static ExitCode codeOf(Verdict verdict) {
        for (var code : ExitCode.values()) {
            if (code.number() == verdict.code()) {
                return code;
            }
        }
        return ExitCode.USAGE;
    }
}
