package dev.tutti.deploy.bench.measure;

import dev.tutti.deploy.bench.peer.Child;
import dev.tutti.deploy.bench.peer.Distribution;
import dev.tutti.deploy.bench.peer.Json;
import dev.tutti.deploy.bench.peer.PeerScript;
import dev.tutti.deploy.bench.peer.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Training with Tutti and with PyTorch, in turn: each measurement starts the real programs, lets
 * them warm up, and takes the samples per second of the steady part.
 *
 * @param distribution whose {@code tutti} is measured
 * @param torch the peer, if there is one
 * @param processes that work; 0 for one program without worker processes
 * @param workers threads that compute, in all
 * @param images folder with Fashion-MNIST; without it samples are drawn
 * @param pairs measurements of each
 * @param warmUpSeconds of Tutti, not measured
 * @param seconds of one measurement, about
 * @param given options of the user for {@code tutti train}
 */
public record TrainComparison(
        Distribution distribution,
        Optional<Torch> torch,
        int processes,
        int workers,
        Optional<Path> images,
        int pairs,
        double warmUpSeconds,
        double seconds,
        List<String> given) {
    private static final String DRAWN = "synthetic(60000,28x28,10)";
    private static final String RATE = "sgd(rate=0.1)";
    private static final long STEPS_WITHOUT_END = 1_000_000_000;
    private static final String SCRIPT = "pytorch_ddp.py";

    /**
     * One net's figures, in samples per second.
     *
     * @param tutti by pair
     * @param profiles of Tutti's steps, by pair
     * @param peers the same for each way to run PyTorch; empty without a PyTorch
     */
    public record Result(
            Net net, List<Double> tutti, List<StepProfile> profiles, List<PeerResult> peers) {
        /** Returns Tutti beside the fastest way to run PyTorch. */
        public Optional<Best> best() {
            return peers.stream()
                    .map(peer -> new Best(peer.name(), new Pairs(tutti, peer.samplesPerSecond())))
                    .reduce((a, b) -> median(a) >= median(b) ? a : b);
        }

        private static double median(Best best) {
            return Spread.of(best.pairs().theirs()).median();
        }
    }

    /**
     * One way to run PyTorch.
     *
     * @param name such as {@code 2 × 1 thread}
     * @param samplesPerSecond by pair
     */
    public record PeerResult(String name, List<Double> samplesPerSecond) {}

    /**
     * Tutti beside a peer.
     *
     * @param peer the peer's name
     */
    public record Best(String peer, Pairs pairs) {}

    /** A way to run PyTorch. */
    private record Setup(int processes, int threads) {
        String name() {
            return "%d × %d thread%s".formatted(processes, threads, threads == 1 ? "" : "s");
        }
    }

    /** Copies the options. */
    public TrainComparison {
        given = List.copyOf(given);
    }

    /** Returns what both sides train on. */
    public String data() {
        return images.isPresent() ? "fashion-mnist" : DRAWN;
    }

    /** Measures one net; takes a while. */
    public Result measure(Net net) {
        var tutti = new ArrayList<Double>();
        var profiles = new ArrayList<StepProfile>();
        var setups = torch.isPresent() ? setups() : List.<Setup>of();
        var peers = setups.stream().map(_ -> (List<Double>) new ArrayList<Double>()).toList();
        for (var pair = 0; pair < pairs; pair++) {
            tutti.add(tutti(net, profiles));
            for (var i = 0; i < setups.size(); i++) {
                peers.get(i).add(torch(torch.orElseThrow(), setups.get(i), net));
            }
        }
        var results = new ArrayList<PeerResult>();
        for (var i = 0; i < setups.size(); i++) {
            results.add(new PeerResult(setups.get(i).name(), peers.get(i)));
        }
        return new Result(net, tutti, profiles, results);
    }

    /** Within one process PyTorch may use one thread or all: small nets are faster with one. */
    private List<Setup> setups() {
        return processes > 0
                ? List.of(new Setup(processes, 1))
                : List.of(new Setup(1, 1), new Setup(1, workers));
    }

    private double tutti(Net net, List<StepProfile> profiles) {
        try (var scratch = Scratch.create()) {
            var run = scratch.folder().resolve("run");
            var command = new ArrayList<String>();
            command.add(distribution.launcher().toString());
            command.add("train");
            command.addAll(options(net, run));
            try (var child = Child.start("tutti train", command, Map.of())) {
                var log = run.resolve("steps.jsonl");
                var rate = StepRate.watch(log, child, warmUpSeconds, seconds);
                profiles.add(StepProfile.read(log, rate));
                return rate.stepsPerSecond() * net.batch();
            }
        }
    }

    List<String> options(Net net, Path run) {
        return new TuttiOptions(given)
                .with("--data", data())
                .with("--validation", 0)
                .with("--model", net.model())
                .with("--optimizer", RATE)
                .with("--batch", net.batch())
                .with("--shards", workers)
                .with("--workers", workers)
                .with("--processes", processes)
                .with("--steps", STEPS_WITHOUT_END)
                .with("--out", run)
                .arguments();
    }

    private double torch(Torch peer, Setup setup, Net net) {
        var arguments = new ArrayList<String>();
        arguments.addAll(List.of("--layers", net.layers(",")));
        arguments.addAll(List.of("--batch", Integer.toString(net.batch())));
        arguments.addAll(List.of("--processes", Integer.toString(setup.processes())));
        arguments.addAll(List.of("--threads", Integer.toString(setup.threads())));
        arguments.addAll(List.of("--seconds", Double.toString(seconds)));
        images.ifPresent(folder -> arguments.addAll(List.of("--data", folder.toString())));
        return samplesPerSecond(
                new PeerScript(peer, distribution, SCRIPT).output(setup.threads(), arguments));
    }

    /** Reads what {@code pytorch_ddp.py} printed. */
    public static double samplesPerSecond(String output) {
        return Json.positive(SCRIPT, Json.lastLine(SCRIPT, output), "samplesPerSecond");
    }
}
