package dev.tutti.deploy.ground;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Shape;
import dev.tutti.coordinator.checkpoint.CheckpointPolicy;
import dev.tutti.proto.Carrier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a run needs, against what there is. */
class ShortagesTest {
    private static final long PLENTY = 1L << 50;
    private static final Model MODEL =
            Model.of(Zoo.layers("dense(1000),relu,dense"), Shape.of(784), 10);
    private static final long VECTOR = MODEL.vectorLength() * 4;

    @Test
    void aRunForWhichThereIsEnoughIsShortOfNothing() {
        assertThat(Shortages.of(need("sgd(0.1)"), ground(PLENTY, PLENTY, PLENTY))).isEmpty();
    }

    /** A checkpoint's copy did not fit beside the rest, after the run had begun. */
    @Test
    void whatTheJvmMayNotHaveOutsideItsHeapIsSaidWithBothFiguresAndTheOptionsThatHelp() {
        var need = need("adam(0.1)");
        var found = Shortages.of(need, ground(PLENTY, need.coordinator().bytes() - 1, PLENTY));
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().hard()).isTrue();
        assertThat(found.getFirst().line())
                .startsWith("the run needs " + Bytes.text(need.coordinator().bytes()))
                .contains(
                        "may use",
                        "-XX:MaxDirectMemorySize",
                        "--checkpoint-every never (%s less)".formatted(Bytes.text(3 * VECTOR)),
                        "sgd(0.1) (%s less)".formatted(Bytes.text(2 * VECTOR)));
        assertThat(Shortages.of(need, ground(PLENTY, need.coordinator().bytes(), PLENTY)))
                .isEmpty();
    }

    @Test
    void theMachinesMemoryIsComparedWithThatOfAllProcesses() {
        var need = need("sgd(0.1)", RunNeed.Crew.here(4, 4, Carrier.INLINE));
        assertThat(need.bytes()).isGreaterThan(4 * need.workerProcess().bytes());
        var found = Shortages.of(need, ground(need.bytes() - 1, PLENTY, PLENTY));
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().hard()).isTrue();
        assertThat(found.getFirst().line())
                .startsWith("the run needs " + Bytes.text(need.bytes()) + " of memory (")
                .contains("worker processes", "this machine has");
    }

    /** Docker's 64 MB are no reason to refuse: gradients can travel through streams. */
    @Test
    void tooLittleSharedMemoryIsAWarningUnlessItIsAskedFor() {
        for (var carrier : new Carrier[] {Carrier.AUTO, Carrier.SHARED}) {
            var need = need("sgd(0.1)", RunNeed.Crew.here(2, 2, carrier));
            var found = Shortages.of(need, ground(PLENTY, PLENTY, need.sharedBytes() - 1));
            assertThat(found).hasSize(1);
            assertThat(found.getFirst().hard()).isEqualTo(carrier == Carrier.SHARED);
            assertThat(found.getFirst().line())
                    .contains(Bytes.text(need.sharedBytes()), "room for");
        }
    }

    @Test
    void aFullDiskIsAWarning() {
        var need = need("sgd(0.1)");
        var ground =
                new Ground(
                        Optional.empty(),
                        new JvmMemory(PLENTY, 0),
                        Optional.empty(),
                        Optional.of(new Disk(need.diskBytes() - 1)),
                        Optional.empty());
        assertThat(Shortages.of(need, ground))
                .singleElement()
                .satisfies(found -> assertThat(found.hard()).isFalse());
    }

    @Test
    void tooFewOpenFilesAreRefused() {
        var ground =
                new Ground(
                        Optional.empty(),
                        new JvmMemory(PLENTY, 0),
                        Optional.of(PLENTY),
                        Optional.empty(),
                        Optional.of(new OpenFiles(128, 80)));
        var many = need("sgd(0.1)", RunNeed.Crew.here(50, 50, Carrier.AUTO));
        assertThat(Shortages.of(many, ground))
                .singleElement()
                .satisfies(found -> assertThat(found.line()).contains("128", "ulimit -n"));
        assertThat(Shortages.of(need("sgd(0.1)"), ground)).isEmpty();
    }

    /** More than can be counted is more than there is, and no overflow makes it less. */
    @Test
    void aModelThatCannotBeCountedIsRefused() {
        var need = MemoryNeed.NONE.plus("weights", MemoryNeed.times(1L << 62, 4));
        assertThat(need.bytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(need.plus("more", 1).bytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(Shortages.of("it", need, ground(PLENTY, PLENTY, PLENTY), "stop")).hasSize(2);
    }

    /** The estimate and what is allocated are two places: this holds them together. */
    @Test
    void theStateTakesWhatIsCountedForIt() {
        for (var wire : new Rounding[] {Roundings.NONE, new Bf16()}) {
            for (var optimizer :
                    new String[] {
                        "sgd(0.1)",
                        "sgd(0.1,momentum=0.9)",
                        "adam(0.1)",
                        "rmsprop(momentum=0.9,centered=true)",
                        "muon"
                    }) {
                var rule = UpdateRule.of(Optimizers.CATALOGUE.parse(optimizer));
                var slots = rule.optimizer().slotCount();
                try (var arena = new CountingArena()) {
                    TrainingState.allocate(arena, MODEL, slots, wire.precision());
                    var counted =
                            MemoryNeed.ofCourse(
                                    spec(wire), MODEL, rule, EarlyStopping.NEVER, 1, false, false);
                    // The weights before the first step are drawn elsewhere.
                    assertThat(arena.bytes)
                            .as(optimizer + " " + wire)
                            .isEqualTo(counted.bytes() - VECTOR - counted.of("gradient"));
                }
            }
        }
    }

    @Test
    void amountsReadTheSameInEveryLocale() {
        var before = Locale.getDefault();
        try {
            for (var locale : new Locale[] {Locale.GERMANY, Locale.forLanguageTag("ar-EG")}) {
                Locale.setDefault(locale);
                assertThat(Bytes.text(6_345_000_000L)).isEqualTo("6.35 GB");
                assertThat(Bytes.text(127_533_056)).isEqualTo("128 MB");
                assertThat(Bytes.text(0)).isEqualTo("0.00 kB");
                assertThat(Bytes.text(Long.MAX_VALUE)).isEqualTo("9.22 EB");
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    /** Counts what is allocated. */
    private static final class CountingArena implements Arena {
        private final Arena arena = Arena.ofShared();
        private long bytes;

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            bytes += byteSize;
            return arena.allocate(byteSize, byteAlignment);
        }

        @Override
        public MemorySegment.Scope scope() {
            return arena.scope();
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private static RunNeed need(String optimizer) {
        return need(optimizer, RunNeed.Crew.here(1, 0, Carrier.AUTO));
    }

    private static RunNeed need(String optimizer, RunNeed.Crew crew) {
        return RunNeed.of(
                MODEL,
                spec(Roundings.NONE),
                UpdateRule.of(Optimizers.CATALOGUE.parse(optimizer)),
                EarlyStopping.NEVER,
                CheckpointPolicy.parse("30s", 3),
                Observing.NONE,
                Auditing.NONE,
                crew);
    }

    private static RunSpec spec(Rounding wire) {
        return new RunSpec(
                MODEL.text(),
                "softmax-cross-entropy",
                Shape.of(784),
                10,
                1,
                64,
                true,
                4,
                0,
                0,
                "data",
                "0",
                1,
                1 << 17,
                wire,
                "mean",
                "none",
                "none",
                0,
                "synchronous",
                RunSpec.NO_CLOCK,
                "iid",
                "fp32",
                "fp32");
    }

    private static Ground ground(long free, long outsideHeap, long shared) {
        return new Ground(
                Optional.of(new Memory(free, PLENTY, "this machine")),
                new JvmMemory(outsideHeap, 0),
                Optional.of(shared),
                Optional.empty(),
                Optional.empty());
    }
}
