package dev.tutti.common.chaos;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.random.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * So many faults of any kind but {@link ProcessFault.KillCoordinator} and {@link
 * ComputeFault.FlipBit}, which changes the weights, drawn from a seed. Half of the worker
 * processes, and at least one, are always left or on their way.
 */
public record Random(long seed, @Default("10") int faults) implements FaultSource {
    private static final int FAULTS_MAX = 100_000;

    /** Kinds that take a worker process away come first. */
    private static final int KINDS = 9;

    /** Refuses no faults, and more than a run can stand. */
    public Random {
        Bounds.atLeast("faults", 1, faults);
        if (faults > FAULTS_MAX) {
            throw new IllegalArgumentException(
                    "faults must be at most %d, was %d".formatted(FAULTS_MAX, faults));
        }
    }

    @Override
    public List<Fault> faults(RunSize size) {
        var random = Seeds.of(seed, "chaos");
        var steps = steps(random, size);
        var here = new ArrayList<Integer>();
        for (var worker = 0; worker < size.processes(); worker++) {
            here.add(worker);
        }
        var drawn = new ArrayList<Fault>();
        var next = size.processes();
        for (var step : steps) {
            var fault = draw(random, step, here, size.processes());
            switch (fault) {
                case ProcessFault.Join _ -> here.add(next++);
                case ProcessFault.Kill(var worker, _) -> here.removeIf(other -> other == worker);
                case ProcessFault.Leave(var worker, _) -> here.removeIf(other -> other == worker);
                case ProcessFault.Pause _,
                        ProcessFault.KillCoordinator _,
                        ComputeFault _,
                        SendFault _ -> {}
            }
            drawn.add(fault);
        }
        return drawn;
    }

    private long[] steps(Seeds random, RunSize size) {
        var steps = new long[faults];
        var range = Math.max(1, size.steps() - FaultPlan.FIRST_STEP + 1);
        for (var i = 0; i < faults; i++) {
            steps[i] = FaultPlan.FIRST_STEP + Long.remainderUnsigned(random.nextLong(), range);
        }
        Arrays.sort(steps);
        return steps;
    }

    /** Draws a fault; where nobody may go, or come, it is the opposite. */
    private static Fault draw(Seeds random, long step, List<Integer> here, int processes) {
        var worker = here.get(random.nextInt(here.size()));
        var mayGo = here.size() > Math.max(1, processes / 2);
        var mayCome = here.size() <= processes;
        return switch (random.nextInt(KINDS)) {
            case 0 -> mayGo ? new ProcessFault.Kill(worker, step) : new ProcessFault.Join(step);
            case 1 -> mayGo ? new ProcessFault.Leave(worker, step) : new ProcessFault.Join(step);
            case 2 -> mayCome ? new ProcessFault.Join(step) : new ProcessFault.Kill(worker, step);
            case 3 -> new ProcessFault.Pause(worker, step, Integer.toString(1 + random.nextInt(4)));
            case 4 ->
                    new ComputeFault.Slow(
                            worker, step, 2 + random.nextInt(49), 1 + random.nextInt(20));
            case 5 -> new SendFault.DropLink(worker, step);
            case 6 -> new SendFault.Duplicate(worker, step);
            case 7 -> new SendFault.Corrupt(worker, step);
            default -> new ComputeFault.Nan(worker, step);
        };
    }
}
