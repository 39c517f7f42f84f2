package dev.tutti.deploy.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.coordinator.file.RunFiles;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.local.LocalRun;
import dev.tutti.deploy.option.KernelOption;
import dev.tutti.deploy.report.html.RecordedRun;
import dev.tutti.deploy.simulate.Calibration;
import dev.tutti.deploy.simulate.ClusterSimulation;
import dev.tutti.deploy.simulate.Costs;
import dev.tutti.deploy.simulate.LinkSpeed;
import dev.tutti.deploy.simulate.Prediction;
import dev.tutti.deploy.simulate.SpeedUpFigure;
import dev.tutti.deploy.simulate.Subject;
import dev.tutti.deploy.simulate.Topology;
import dev.tutti.deploy.study.StudyOptions;
import dev.tutti.proto.failure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tutti simulate}: how fast a cluster would train that is not there. */
@Command(
        name = "simulate",
        description = {
            "Predicts how fast a cluster would train. Coordinator, relays and workers decide as in a",
            "real run; time is virtual. Computing takes what this machine needs, or what a real run",
            "needed; links take what --link and --latency say. Every worker has the same number of",
            "samples, however many workers there are."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti simulate --workers 64 --link 1Gbit",
            "  tutti simulate --workers 4096 --topology \"tree(fanout=16)\" --link 10Gbit --latency 50us --svg speed-up.svg",
            "  tutti simulate --calibrate runs/digits-20261201-101500 --workers 32"
        })
public final class SimulateCommand implements Callable<Integer> {
    private static final String MODEL = "dense(512),relu,dense(512),relu,dense";
    private static final int BATCH = 128;
    private static final int WORKERS_MAX = 1 << 16;

    /** Settings of a run that times can be taken from. */
    private static final Map<String, String> PLAIN =
            Map.of("sync", "synchronous", "compress", "fp32", "compress-down", "fp32");

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "64",
            description = "most workers, from 1 on doubled; default: ${DEFAULT-VALUE}")
    private int workers;

    @Option(
            names = "--topology",
            paramLabel = "NAME(…)",
            defaultValue = "star",
            description =
                    "star: all workers are connected to the coordinator; or tree(fanout=16): it and each relay have at most so many members; default: ${DEFAULT-VALUE}")
    private String topology = "";

    @Option(
            names = "--link",
            paramLabel = "RATE",
            defaultValue = "1Gbit",
            description =
                    "what the link of each machine carries in a second, each way, such as 100Mbit; default: ${DEFAULT-VALUE}")
    private String link = "";

    @Option(
            names = "--latency",
            paramLabel = "TIME",
            defaultValue = "100us",
            description = "from one machine to another, such as 1ms; default: ${DEFAULT-VALUE}")
    private String latency = "";

    @Option(
            names = "--model",
            paramLabel = "LAYERS",
            description = "layers over images of 28 x 28 in 10 classes; default: \"" + MODEL + "\"")
    private Optional<String> model = Optional.empty();

    @Option(
            names = "--compress",
            paramLabel = "NAME(…)",
            description =
                    "what workers send in place of their gradients; default: fp32, or as in the run of --calibrate")
    private Optional<String> compress = Optional.empty();

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = {
                "samples of each worker and step; default: " + BATCH + ",",
                "or as in the run of --calibrate"
            })
    private Optional<Integer> batch = Optional.empty();

    @Option(
            names = "--calibrate",
            paramLabel = "RUN_DIR",
            description =
                    "take the model, the time to compute a sample and the time to take a vector in from this run")
    private Optional<Path> calibrate = Optional.empty();

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "draw speed-up and efficiency into this file")
    private Optional<Path> svg = Optional.empty();

    @Mixin private KernelOption kernel = new KernelOption();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    /** All that was assumed and predicted. */
    record Report(
            String model,
            long floats,
            int batch,
            String topology,
            LinkSpeed link,
            long computeNanos,
            double intakeNanosPerFloat,
            Costs.@Nullable CodeCosts code,
            String costsFrom,
            List<Prediction> predictions) {}

    /** What a step costs, and where that is known from. */
    private record Known(Subject subject, Costs costs, String from) {}

    @Override
    public Integer call() throws JsonProcessingException {
        Require.positive("--workers", workers);
        Require.that(
                workers <= WORKERS_MAX,
                "--workers must be at most %d, was %d".formatted(WORKERS_MAX, workers));
        batch.ifPresent(count -> Require.positive("--batch", count));
        Require.that(
                calibrate.isEmpty() || model.isEmpty(),
                "--model and --calibrate exclude each other: the model is that of the run");
        var tree = usage(() -> Topology.parse(topology));
        var speed = usage(() -> LinkSpeed.parse(link, latency));
        var known = calibrate.map(run -> ofRun(run, speed)).orElseGet(() -> measured(speed));
        Require.that(
                !known.subject().keepsState() || !tree.needsRelays(workers),
                "--compress %s keeps something with each worker, and a relay cannot: use --topology star"
                        .formatted(known.subject().spec().compress()));
        if (!json) {
            introduce(known, tree);
        }
        var predictions = new ArrayList<Prediction>();
        for (var count : counts()) {
            predictions.add(ClusterSimulation.predict(known.costs(), tree, count));
            if (!json) {
                print(predictions.getLast(), predictions.getFirst());
            }
        }
        if (json) {
            System.out.println(
                    new ObjectMapper().writeValueAsString(report(known, tree, predictions)));
        }
        svg.ifPresent(file -> draw(file, tree, predictions));
        return ExitCode.OK.number();
    }

    private static Report report(Known known, Topology tree, List<Prediction> predictions) {
        var costs = known.costs();
        return new Report(
                known.subject().spec().model(),
                costs.floats(),
                known.subject().batch(),
                tree.toString(),
                costs.link(),
                costs.computeNanos(),
                costs.intakeNanosPerFloat(),
                costs.code().orElse(null),
                known.from(),
                predictions);
    }

    /** Returns 1, 2, 4 and so on, and the number that was asked for. */
    private Set<Integer> counts() {
        var counts = new TreeSet<Integer>(List.of(workers));
        for (var count = 1; count < workers; count *= 2) {
            counts.add(count);
        }
        return counts;
    }

    private Known measured(LinkSpeed speed) {
        var subject =
                usage(() ->
                        Subject.of(
                                model.orElse(MODEL), compress.orElse("fp32"), batch.orElse(BATCH)));
        var chosen = kernel.choose();
        return new Known(
                subject,
                new Costs(
                        usage(subject::floats),
                        subject.computeNanos(chosen),
                        Subject.intakeNanosPerFloat(),
                        speed,
                        subject.codeCosts()),
                "measured here, one thread, kernel " + chosen.name());
    }

    private Known ofRun(Path folder, LinkSpeed speed) {
        var recorded = RecordedRun.read(folder);
        var found = Calibration.of(recorded.lines(RunFiles.STEPS).values());
        if (found.isEmpty()) {
            throw new UserException(
                    ExitCode.DATA,
                    "%s has no timings: no line of its %s has contributions with computeMillis; train at least ten steps"
                            .formatted(folder, RunFiles.STEPS));
        }
        var texts = new TreeMap<>(recorded.settings());
        texts.remove("chaos");
        PLAIN.forEach((name, plain) -> requirePlain(folder, name, plain, texts));
        compress.ifPresent(text -> texts.put("compress", text));
        var spec = LocalRun.check(StudyOptions.of(texts).options(), folder).spec();
        var times = found.get();
        var crew = recorded.figure("workers").orElse(times.contributors());
        var samples = batch.orElse((int) Math.max(1, Math.round(spec.batch() / crew)));
        var subject = new Subject(spec, samples);
        // A run within one process sends nothing: what it costs to take a vector in is measured.
        var sends = !recorded.settings().getOrDefault("processes", "0").equals("0");
        var costs =
                new Costs(
                        subject.floats(),
                        Math.round(times.nanosPerSample() * samples),
                        sends
                                ? times.intakeNanosPerFloat(subject.floats())
                                : Subject.intakeNanosPerFloat(),
                        speed,
                        subject.codeCosts());
        return new Known(
                subject,
                costs,
                "%d steps of %s%s"
                        .formatted(
                                times.steps(),
                                folder,
                                sends ? "" : "; the way of a vector measured here"));
    }

    /** What else a run's steps took cannot be told apart from sending and adding. */
    private static void requirePlain(
            Path folder, String name, String plain, Map<String, String> settings) {
        var found = settings.getOrDefault(name, plain);
        Require.that(
                found.equals(plain),
                "--calibrate %s: its --%s was %s, and only the times of a run with %s can be used"
                        .formatted(folder, name, found, plain));
    }

    private static <T> T usage(Supplier<T> parsed) {
        try {
            return parsed.get();
        } catch (IllegalArgumentException e) {
            throw new UserException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private static void introduce(Known known, Topology tree) {
        var costs = known.costs();
        System.out.printf(
                "model     %s, %,d floats; %d samples a worker and step; %s%n",
                known.subject().spec().model(), costs.floats(), known.subject().batch(), tree);
        System.out.printf(
                "links     %.4g Mbit/s each way, %.0f us%n",
                costs.link().bytesPerSecond() * Byte.SIZE / 1e6, costs.link().latencyNanos() / 1e3);
        System.out.printf(
                "costs     %.2f ms to compute a worker's share, %.2f ns to take in a float (%s)%n",
                costs.computeNanos() / 1e6, costs.intakeNanosPerFloat(), known.from());
        costs.code()
                .ifPresent(code ->
                        System.out.printf(
                                "code      %,d bytes of %,d, %.2f ms to encode, %.2f ms to decode%n",
                                code.bytes(),
                                costs.floats() * Float.BYTES,
                                code.encodeNanos() / 1e6,
                                code.decodeNanos() / 1e6));
        System.out.printf(
                "%n%7s  %7s  %11s  %9s  %10s  %9s  %s%n",
                "workers", "relays", "ms a step", "speed-up", "efficiency", "MB", "busiest");
    }

    private static void print(Prediction at, Prediction one) {
        System.out.printf(
                "%7d  %7d  %11.1f  %9.2f  %8.1f %%  %9.1f  %s, %.0f %%%n",
                at.workers(),
                at.relays(),
                at.millis(),
                at.speedUp(one),
                100 * at.efficiency(one),
                at.coordinatorBytes() / 1e6,
                at.bottleneck(),
                100 * at.busy());
    }

    private void draw(Path file, Topology tree, List<Prediction> predictions) {
        var title =
                "%s, link %s, latency %s: predicted for up to %d workers"
                        .formatted(tree, link, latency, workers);
        try {
            Files.writeString(file, new SpeedUpFigure(title, predictions).svg());
        } catch (IOException e) {
            throw new UserException(
                    ExitCode.OUTPUT, "cannot write %s: %s".formatted(file, Reason.of(e, file)));
        }
    }
}
