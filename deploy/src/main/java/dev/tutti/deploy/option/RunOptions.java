package dev.tutti.deploy.option;

import dev.tutti.deploy.cli.ColumnNames;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The options that say what to train; {@code train} and {@code coordinator} share them. */
public final class RunOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "a HOCON file with any of these options; the command line takes precedence")
    Optional<Path> config = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "NAME|PATH",
            defaultValue = "digits",
            description =
                    "digits (built in), fashion-mnist, a table in a text file (- for standard input), or any of the formats in docs/DATA.md: NumPy, images by class, IDX, CIFAR, LIBSVM, Parquet; default: ${DEFAULT-VALUE}")
    public String data = "";

    /** What the data is called, if not as its file is: data that has moved keeps its name. */
    public Optional<String> dataName = Optional.empty();

    @Option(
            names = "--targets",
            paramLabel = "COL",
            converter = ColumnNames.Converter.class,
            description =
                    "columns of a table to predict, with commas between them; a name that holds a comma in double quotes; default: the last one")
    public ColumnNames targets = ColumnNames.NONE;

    @Mixin public ColumnOptions columns = new ColumnOptions();
    @Mixin public TableOptions table = new TableOptions();
    @Mixin public CodingOptions coding = new CodingOptions();

    @Option(
            names = "--task",
            paramLabel = "NAME",
            description =
                    "classification or regression: what the target column of a CSV file is; default: as the loss wants it, or as its values look (words and few whole numbers are classes)")
    public Optional<Task> task = Optional.empty();

    @Option(
            names = "--standardize",
            description =
                    "bring every feature to mean 0 and deviation 1, measured over the training samples")
    boolean standardize;

    @Option(
            names = "--standardize-targets",
            description =
                    "bring targets of real values to mean 0 and deviation 1 for the training, and predictions back; losses are then of such values, MAE and RMSE are in the target's own unit")
    public boolean standardizeTargets;

    @Option(
            names = "--validation",
            paramLabel = "F",
            defaultValue = "0.1",
            description = "fraction of the samples kept for validation; default: ${DEFAULT-VALUE}")
    public double validation;

    @Option(
            names = "--test",
            paramLabel = "F",
            description =
                    "fraction kept for testing, if the data has no test set of its own; default: as --validation")
    public Optional<Double> test = Optional.empty();

    @Option(
            names = "--model",
            paramLabel = "LAYERS",
            defaultValue = "mlp",
            description =
                    "layers such as \"dense(64),relu,dense\", the last width left to the data; or mlp, lenet5, vgg-small, resnet-small; default: ${DEFAULT-VALUE}")
    public String model = "";

    @Option(
            names = "--loss",
            paramLabel = "NAME",
            description = "default: softmax-cross-entropy for class labels, mse for real values")
    public Optional<String> loss = Optional.empty();

    @Option(
            names = "--class-weights",
            paramLabel = "balanced|CLASS=W",
            description =
                    "how much a sample of each class counts in the loss: balanced, which gives every class the same total weight, measured over the training samples; or weights such as rare=20,other=0.5, 1 for all others; default: all samples count the same")
    public Optional<String> classWeights = Optional.empty();

    @Option(
            names = "--optimizer",
            paramLabel = "NAME(…)",
            defaultValue = "adam(rate=0.001)",
            description = "default: ${DEFAULT-VALUE}")
    public String optimizer = "";

    @Option(
            names = "--schedule",
            paramLabel = "NAME(…)",
            defaultValue = "constant",
            description =
                    "how the rate changes, such as cosine or warmup(100,cosine); default: ${DEFAULT-VALUE}")
    public String schedule = "";

    @Option(
            names = "--scale-rate-from",
            paramLabel = "BATCH",
            description =
                    "the rate was found for this batch: scale it linearly to the samples that a step of this run has")
    public Optional<Integer> scaleRateFrom = Optional.empty();

    @Option(
            names = "--regularizer",
            paramLabel = "NAME(…)",
            description = "l2(lambda), l1(lambda), or both with a comma")
    public Optional<String> regularizer = Optional.empty();

    @Option(
            names = "--clip-norm",
            paramLabel = "X",
            description = "scale the mean gradient down to this norm if it is longer")
    public Optional<Double> clipNorm = Optional.empty();

    @Option(
            names = "--stop-below",
            paramLabel = "LOSS",
            description = "stop once the validation loss is below this")
    public Optional<Double> stopBelow = Optional.empty();

    @Option(
            names = "--patience",
            paramLabel = "N",
            description =
                    "stop after N epochs without a better validation loss, and keep the best weights")
    public Optional<Integer> patience = Optional.empty();

    @Option(
            names = "--initializer",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "how the starting weights are drawn; auto: suited to what follows each layer; default: ${DEFAULT-VALUE}")
    public String initializer = "";

    @Option(
            names = "--init",
            paramLabel = "FILE",
            description = "a safetensors file with the starting weights, instead")
    public Optional<Path> init = Optional.empty();

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "samples of a step; default: ${DEFAULT-VALUE}")
    public int batch;

    @Option(
            names = "--accumulate",
            paramLabel = "K",
            defaultValue = "1",
            description =
                    "batches of a step: same result as K times the batch and K times the shards; default: ${DEFAULT-VALUE}")
    public int accumulate;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "passes over the training samples; default: 40")
    public Optional<Integer> epochs = Optional.empty();

    @Option(names = "--steps", paramLabel = "N", description = "steps, instead of --epochs")
    public Optional<Long> steps = Optional.empty();

    @Option(
            names = "--shuffle",
            paramLabel = "true|false",
            arity = "1",
            defaultValue = "true",
            description = "whether each epoch has its own order; default: ${DEFAULT-VALUE}")
    public boolean shuffle;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "determines everything random; default: ${DEFAULT-VALUE}")
    public long seed;

    @Option(
            names = "--shards",
            paramLabel = "S",
            description =
                    "slices of a batch, the most workers that a step can use; part of the result's bits, unlike the number of workers; default: 4, or the batch if that is smaller")
    public Optional<Integer> shards = Optional.empty();

    @Mixin public KernelOption kernel = new KernelOption();

    @Option(
            names = "--wire",
            paramLabel = "TYPE",
            defaultValue = "fp32",
            description =
                    "numbers that travel: fp32, or bf16, which rounds each shard's gradient and the weights that workers compute with to bfloat16, and halves the bytes; default: ${DEFAULT-VALUE}")
    public String wire = "";

    @Option(
            names = "--average",
            paramLabel = "RULE",
            defaultValue = "mean",
            description =
                    "how the gradients of a batch's shards become one; tutti info lists the rules; default: ${DEFAULT-VALUE}")
    public String average = "";

    @Option(
            names = "--mixing",
            paramLabel = "NAME(…)",
            defaultValue = "none",
            description =
                    "what is done to the shards' gradients before they are averaged, such as \"arc(5),nnm(5)\"; tutti info lists the mixings; default: ${DEFAULT-VALUE}")
    public String mixing = "";

    @Option(
            names = "--attack",
            paramLabel = "NAME(…)",
            defaultValue = "none",
            description =
                    "what faulty shards send instead of their gradients; tutti info lists the attacks; default: ${DEFAULT-VALUE}")
    public String attack = "";

    @Option(
            names = "--faulty",
            paramLabel = "F",
            defaultValue = "0",
            description =
                    "shards of each step that are faulty, the last ones: see --attack; default: ${DEFAULT-VALUE}")
    public int faulty;

    @Option(
            names = "--sync",
            paramLabel = "MODE",
            defaultValue = "synchronous",
            description =
                    "who is waited for: synchronous, backup(k), stale(s), asynchronous(buffer), dc-asgd, local(steps), post-local(steps,from) or diloco(steps); each shard is a virtual worker, and the same mode gives the same bits on any number of workers; default: ${DEFAULT-VALUE}")
    public String sync = "";

    @Option(
            names = "--clock",
            paramLabel = "CLOCK",
            description =
                    "how long the virtual workers take, such as virtual(compute=0.02,spread=0.3,slow=3,factor=10,link=1,latency=0.0001), in seconds and Gbit/s: a model, which says whose gradient comes first; or real: the order of arrival decides, is written to order.jsonl, and can be replayed with tutti replay; default: virtual for a mode that needs a clock, none for others")
    public Optional<String> clock = Optional.empty();

    @Option(
            names = "--partition",
            paramLabel = "PARTITION",
            defaultValue = "iid",
            description =
                    "which training samples each virtual worker, which is a shard, draws from: iid (all), sorted (a part of the samples sorted by class), dirichlet(alpha) (a mixture of classes; the smaller alpha, the fewer classes) or by-label(k) (k classes); default: ${DEFAULT-VALUE}")
    public String partition = "";

    @Option(
            names = "--compress",
            paramLabel = "NAME(…)",
            defaultValue = "fp32",
            description =
                    "what a shard sends in place of its gradient, such as \"error-feedback(top-k(0.01))\"; tutti info lists the compressors; default: ${DEFAULT-VALUE}, the gradient as it is")
    public String compress = "";

    @Option(
            names = "--compress-down",
            paramLabel = "NAME(…)",
            defaultValue = "fp32",
            description =
                    "what workers get in place of the weights after a step: the change that this makes of it, such as \"error-feedback(top-k(0.01))\"; default: ${DEFAULT-VALUE}, the weights as they are")
    public String compressDown = "";

    @Option(
            names = "--strict-kernels",
            description = "refuse a worker whose kernel gives other bits than the first one's")
    public boolean strictKernels;

    @Option(
            names = "--min-workers",
            paramLabel = "K",
            defaultValue = "1",
            description =
                    "fewest workers for a step: with fewer the run pauses, for at most --wait seconds; default: ${DEFAULT-VALUE}")
    public int minWorkers;

    @Option(
            names = "--silence",
            paramLabel = "MIN..MAX",
            defaultValue = "2..10",
            description =
                    "seconds without a heartbeat: after MIN the log names the worker process; after what is usual for it, at most MAX, it counts as lost; default: ${DEFAULT-VALUE}")
    public String silence = "";

    @Option(
            names = "--lease",
            paramLabel = "MIN..MAX",
            defaultValue = "1..120",
            description =
                    "seconds for a share of a step: after what is usual, at least MIN, an idle worker computes it too; a worker that sends nothing about it for MAX counts as lost; default: ${DEFAULT-VALUE}")
    public String lease = "";

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description =
                    "longest wait for workers, at the start and in a pause; default: ${DEFAULT-VALUE}")
    public int waitSeconds;

    @Option(
            names = "--digest-every",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "steps between two digests of the weights in steps.jsonl, which take longer than a small step; 0: only after each epoch, in epochs.jsonl; default: ${DEFAULT-VALUE}")
    public int digestEvery;

    @Mixin public ObservingOptions observing = new ObservingOptions();
    @Mixin public RecordingOptions recording = new RecordingOptions();
    @Mixin public CheckpointOptions checkpoints = new CheckpointOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "the run's folder; default: runs/DATA-TIME")
    public Optional<Path> out = Optional.empty();

    @Option(
            names = "--json",
            description = "print the summary as JSON, as the last line of standard output")
    public boolean json;

    /** Returns the options that a run's configuration gives; it may have other entries. */
    public static RunOptions of(Map<String, String> values) {
        var options = new RunOptions();
        new CommandLine(options)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setDefaultValueProvider(argument ->
                        argument instanceof OptionSpec option
                                ? values.get(ConfigFile.key(option))
                                : null)
                .parseArgs();
        return options;
    }
}
