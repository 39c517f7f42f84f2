package dev.tutti.deploy.bench.measure;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.common.kernel.KernelFingerprint;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import dev.tutti.worker.WorkerConfig;
import dev.tutti.worker.WorkerOutcome;
import dev.tutti.worker.WorkerProcess;
import dev.tutti.worker.data.DataSources;
import dev.tutti.worker.data.DatasetCache;
import dev.tutti.worker.data.FetchedData;
import dev.tutti.worker.data.download.DownloadProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A program: a worker process as it is, but for its gradients, which are there already. */
final class ReadyWorker {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private ReadyWorker() {}

    /**
     * Works until the run is over.
     *
     * @param args port of the coordinator on loopback, carrier, file of the data
     */
    public static void main(String[] args) {
        var kernel = new PlainKernel();
        var file = Path.of(args[2]);
        // Named data is read where it is: nothing goes to the user's cache.
        var data =
                new FetchedData(
                        new DatasetCache(file.resolveSibling("cache")),
                        DataSources.standard(
                                file.resolveSibling("cache"), DownloadProgress.printed(System.err)),
                        Optional.of(file.toString()));
        var config =
                new WorkerConfig(
                                new Transport.Network(
                                        "127.0.0.1",
                                        Integer.parseInt(args[0]),
                                        Carrier.valueOf(args[1])),
                                new ProcessInfo(
                                        1,
                                        "localhost",
                                        ProcessHandle.current().pid(),
                                        kernel.name(),
                                        KernelFingerprint.of(kernel)),
                                kernel,
                                data,
                                PATIENCE)
                        .with(ReadyGradients::new);
        var system = ActorSystem.create(Behaviors.empty(), "tutti");
        try {
            var outcome = WorkerProcess.start(system, "worker-process", config);
            var ended = outcome.toCompletableFuture().join();
            if (ended.kind() != WorkerOutcome.Kind.COMPLETE) {
                System.err.println(ended.reason());
            }
        } finally {
            system.terminate();
        }
    }
}
