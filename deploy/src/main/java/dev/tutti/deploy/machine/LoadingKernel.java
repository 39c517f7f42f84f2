package dev.tutti.deploy.machine;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * A kernel that a thread of its own loads and tries out, while the command does what else there is
 * to do before a run: together these two take a quarter of a start.
 */
public final class LoadingKernel {
    private final CompletableFuture<Kernel> kernel = new CompletableFuture<>();
    private final CompletableFuture<ProcessInfo> process = new CompletableFuture<>();

    private LoadingKernel() {}

    /** Begins to load the kernel of choice for a process of so many workers. */
    public static LoadingKernel of(Supplier<Kernel> choice, int workers) {
        return of(choice, workers, ThisProcess::hostName);
    }

    /** The same for a process whose host has a name of its own. */
    public static LoadingKernel of(Supplier<Kernel> choice, int workers, Supplier<String> host) {
        var loading = new LoadingKernel();
        Threads.start(ProcessPart.KERNEL, () -> loading.load(choice, workers, host));
        return loading;
    }

    private void load(Supplier<Kernel> choice, int workers, Supplier<String> host) {
        try {
            var chosen = choice.get();
            kernel.complete(chosen);
            process.complete(ThisProcess.info(chosen, workers, host.get()));
        } catch (RuntimeException | Error e) {
            kernel.completeExceptionally(e);
            process.completeExceptionally(e);
        }
    }

    /**
     * Waits for the kernel.
     *
     * @throws UserException if there is none as was asked for
     */
    public Kernel kernel() {
        return await(kernel);
    }

    /**
     * Waits until the kernel was tried out, and returns what the process says of itself.
     *
     * @throws UserException if there is no kernel as was asked for
     */
    public ProcessInfo process() {
        return await(process);
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof UserException refused ? refused : e;
        }
    }
}
