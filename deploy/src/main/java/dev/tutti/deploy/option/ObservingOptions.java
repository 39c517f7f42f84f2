package dev.tutti.deploy.option;

import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say what of a run's gradients is looked at; none of them changes a bit. */
public final class ObservingOptions {
    @Option(
            names = "--observe",
            paramLabel = "every=N",
            description =
                    "look at the shards' gradients every N steps: how far they agree, layer by layer, and the gradient noise scale; see docs/STUDY.md")
    public Optional<String> observe = Optional.empty();

    @Option(
            names = "--shadow",
            paramLabel = "RULES",
            description =
                    "what other averaging rules would have made of the gradients that --observe looks at, such as \"median,krum(1)\"")
    public Optional<String> shadow = Optional.empty();

    @Option(
            names = "--prove",
            paramLabel = "every=N",
            description =
                    "every N steps, compute the whole batch in the coordinator's process too, and say how far the mean of the shards is from it")
    public Optional<String> prove = Optional.empty();

    @Option(
            names = "--audit",
            paramLabel = "F",
            defaultValue = "0",
            description =
                    "have this fraction of the shards, drawn from the seed, computed by a second process too, on another host if there is one, and compare the bits: a process that computes others is expelled; default: ${DEFAULT-VALUE}")
    public double audit;

    @Option(
            names = "--record-digests",
            paramLabel = "every=N",
            description =
                    "every N steps, record a digest of each shard's gradient for each layer, by which tutti diff finds where two runs part")
    public Optional<String> digests = Optional.empty();
}
