package dev.tutti.common.step.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.average.rule.AveragingRules;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.Patience;
import dev.tutti.common.step.simulation.FaultPlan;
import dev.tutti.common.step.simulation.Scenario;
import dev.tutti.common.step.simulation.SimulatedCluster;
import dev.tutti.common.step.simulation.SimulatedMembers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/**
 * Whole runs of whole clusters, whose size, delays and faults are drawn from a seed. Each run ends
 * with the weights of a run without faults, and every law holds on the way.
 *
 * <p>More of them: {@code mvn -pl common test -Dtest=SimulationTest -Dsimulation.seeds=5000}; from
 * another seed on: {@code -Dsimulation.first=1000}.
 */
class SimulationTest {
    /** With slots, without, and one that needs the whole gradient. */
    private static final List<String> OPTIMIZERS =
            List.of(
                    Scenario.OPTIMIZER,
                    Scenario.WITHOUT_MOMENTUM,
                    Scenario.OPTIMIZER,
                    Scenario.WITHOUT_MOMENTUM,
                    "muon(rate=0.05)");

    private static final int SEEDS = Integer.getInteger("simulation.seeds", 300);
    private static final long FIRST = Long.getLong("simulation.first", 1);

    /** What the undisturbed run of a scenario leaves. */
    private static final Map<Object, float[]> UNDISTURBED = new HashMap<>();

    @Test
    void everyRunEndsWithTheWeightsOfAnUndisturbedOne() {
        for (var seed = FIRST; seed < FIRST + SEEDS; seed++) {
            run(seed);
        }
    }

    private static void run(long seed) {
        var plan = "";
        try {
            var random = Seeds.of(seed, "simulation");
            var many = random.nextInt(50) == 0;
            var scenario =
                    down(
                            inMode(
                                    scenario(random, many)
                                            .withModel(model(seed))
                                            .with(average(seed)),
                                    seed),
                            seed);
            var expected = undisturbed(scenario);
            var audit = audit(scenario, seed);
            var cluster = new SimulatedCluster(lookedAt(scenario, seed).withAudit(audit), seed);
            cluster.delay(0.1 + 10 * random.nextDouble() * random.nextDouble());
            var faults = new FaultPlan(cluster, seed);
            plan = faults.toString();
            var processes = many ? 20 + random.nextInt(230) : 1 + random.nextInt(6);
            // Relays are refused in an audited run.
            var places = audit > 0 ? List.of(cluster.members()) : places(cluster, random);
            for (var i = 0; i < processes; i++) {
                var place = places.get(random.nextInt(places.size()));
                var inPlace = i == 0 && place == cluster.members() && random.nextInt(8) == 0;
                cluster.join(place, 1 + random.nextInt(many ? 4 : 3), inPlace, "same");
            }
            faults.begin();
            cluster.run();
            cluster.requireLaws();
            assertThat(cluster.weights()).as("weights").isEqualTo(expected);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    """
                    seed %d: %s
                    faults: %s
                    again: mvn -pl common test -Dtest=SimulationTest -Dsimulation.first=%d -Dsimulation.seeds=1\
                    """
                            .formatted(seed, e.getMessage(), plan, seed),
                    e);
        }
    }

    /** One in five is audited, unless it measures the whole batch. */
    private static double audit(Scenario scenario, long seed) {
        var random = Seeds.of(seed, "audit");
        return random.nextInt(5) > 0 || !scenario.spec().rounds().isEmpty()
                ? 0
                : random.nextInt(3) == 0 ? 1 : random.nextDouble();
    }

    /** Returns whom workers may join: the coordinator, and up to two relays beside or below it. */
    private static List<SimulatedMembers> places(SimulatedCluster cluster, Seeds random) {
        var places = new ArrayList<>(List.of(cluster.members()));
        for (var relays = random.nextInt(3); relays > 0; relays--) {
            places.add(cluster.relay(places.get(random.nextInt(places.size()))).members);
        }
        return places;
    }

    private static Scenario scenario(Seeds random, boolean many) {
        var shards = many ? 32 + random.nextInt(40) : 1 + random.nextInt(8);
        var steps = many ? 3 : 4 + random.nextInt(14);
        var stopping =
                random.nextInt(4) == 0
                        ? new EarlyStopping(OptionalDouble.empty(), OptionalInt.of(1))
                        : EarlyStopping.NEVER;
        var limits =
                Limits.standard(1)
                        .with(
                                1,
                                false,
                                MemberLimits.SILENCE,
                                Patience.ofSeconds(0.1, 20),
                                Duration.ofMinutes(5));
        var spec =
                Scenario.spec(
                        many ? 72 : 8 + random.nextInt(3) * 8,
                        shards,
                        many ? 20 : 3 + random.nextInt(20));
        return new Scenario(
                        spec,
                        OPTIMIZERS.get(random.nextInt(OPTIMIZERS.size())),
                        steps,
                        stopping,
                        limits,
                        Observing.NONE,
                        Auditing.NONE)
                .with(random.nextInt(3) == 0 ? new Bf16() : Roundings.NONE);
    }

    /** One in four normalises over the batch: its steps are several works. */
    private static String model(long seed) {
        return switch (Seeds.of(seed, "model").nextInt(8)) {
            case 0 -> "dense(5),batch-norm(over=batch),relu,dense(3)";
            case 1 ->
                    "residual(batch-norm(over=batch),tanh),dense(4),batch-norm(over=batch),dense(3)";
            default -> "dense(7),relu,dense(3)";
        };
    }

    /** One in four needs each shard by itself. */
    private static Scenario.Averages average(long seed) {
        return switch (Seeds.of(seed, "average").nextInt(16)) {
            case 0 -> Scenario.Averages.of("median");
            case 1 -> Scenario.Averages.of("adasum");
            case 2 -> new Scenario.Averages("mean", "bucketing", "none", 0);
            case 3 -> new Scenario.Averages("centered-clipping", "clip(norm=1.0)", "none", 0);
            case 4 -> new Scenario.Averages("median", "worker-momentum", "none", 0);
            default -> Scenario.Averages.MEAN;
        };
    }

    /** One in four that keeps slots is looked at, which changes no bit. */
    private static Scenario lookedAt(Scenario scenario, long seed) {
        var random = Seeds.of(seed, "look");
        var spec = scenario.spec();
        var canProve = !spec.keepsTasks() && !spec.syncMode().isLocal();
        // An average that goes on from the one before cannot be told from a gradient: no run may.
        return random.nextInt(4) > 0
                        || !scenario.optimizer().equals(Scenario.OPTIMIZER)
                        || spec.averaging().keepsAverage()
                ? scenario
                : scenario.with(
                        new Observing(
                                random.nextInt(4),
                                AveragingRules.CATALOGUE.parseList("median,adasum"),
                                canProve ? random.nextInt(4) : 0,
                                random.nextInt(3)));
    }

    /** Two in five have a mode of their own, unless the model measures the whole batch. */
    private static Scenario inMode(Scenario scenario, long seed) {
        var random = Seeds.of(seed, "mode");
        var spec = scenario.spec();
        var sync =
                switch (random.nextInt(10)) {
                    case 0 -> "backup(%d)".formatted(random.nextInt(spec.shards()));
                    case 1 -> "stale(%d)".formatted(random.nextInt(4));
                    case 2 -> "asynchronous(%d)".formatted(1 + random.nextInt(spec.shards() + 2));
                    case 3 -> "local(%d,rate=0.1)".formatted(1 + random.nextInt(4));
                    default -> spec.sync();
                };
        var isLocal = sync.startsWith("local");
        if (!spec.rounds().isEmpty()
                || sync.equals(spec.sync())
                || (isLocal && spec.averaging().workerMomentum() > 0)) {
            return scenario;
        }
        var floats = isLocal ? scenario.with(Roundings.NONE) : scenario;
        return floats.withMode(sync, "virtual(spread=0.8,slow=1,factor=3)");
    }

    /** One in three that may do so sends codes of the weights' changes. */
    private static Scenario down(Scenario scenario, long seed) {
        var random = Seeds.of(seed, "down");
        var codes = List.of("top-k(0.2)", "int8(8)", "one-bit");
        var drawn = codes.get(random.nextInt(codes.size()));
        return random.nextInt(3) > 0
                        || !scenario.spec().syncMode().isWhole()
                        || scenario.spec().wire() instanceof Bf16
                        || scenario.stopping().keepsBest()
                ? scenario
                : scenario.withCompressorDown("error-feedback(%s)".formatted(drawn));
    }

    private static float[] undisturbed(Scenario scenario) {
        record Key(
                String model,
                int batch,
                int shards,
                Rounding wire,
                String optimizer,
                long steps,
                EarlyStopping stopping,
                String average,
                String mixing,
                String sync,
                String down) {}
        return UNDISTURBED.computeIfAbsent(
                new Key(
                        scenario.spec().model(),
                        scenario.spec().batch(),
                        scenario.spec().shards(),
                        scenario.spec().wire(),
                        scenario.optimizer(),
                        scenario.steps(),
                        scenario.stopping(),
                        scenario.spec().average(),
                        scenario.spec().mixing(),
                        scenario.spec().sync(),
                        scenario.spec().compressDown()),
                _ -> SimulatedCluster.undisturbed(scenario));
    }
}
