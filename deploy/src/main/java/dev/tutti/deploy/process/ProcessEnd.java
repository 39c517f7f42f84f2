package dev.tutti.deploy.process;

import dev.tutti.proto.life.LeftBehind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The one place where a process ends. Every thread and every actor reports its failure here; the
 * first wins. The command then has {@link #UNWINDING} to end in order. If it does not, what the
 * process has outside itself is given back, the line is printed, and the JVM is halted.
 *
 * <p>A process has one end, so this is the one state of a process that is static. Where a command
 * runs within another program, as in tests, the end is not armed and nothing is ever halted.
 */
public final class ProcessEnd {
    /** How long a command may take to end in order after a failure. */
    private static final Duration UNWINDING = Duration.ofSeconds(3);

    /** The JVM is halted this long after a failure, in every case. */
    private static final Duration FAILURE_MAX = Duration.ofMillis(4_500);

    /** What is left of the JVM's end after the responses to a signal. */
    private static final Duration SIGNAL_REST = Duration.ofSeconds(2);

    private static final int SIGNALLED = 128;

    private static volatile @Nullable ProcessEnd armed;

    private final Function<Throwable, Verdict> judge;
    private final IntConsumer exit;
    private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    private final CompletableFuture<Object> failure = new CompletableFuture<>();
    private final AtomicBoolean told = new AtomicBoolean();
    private final AtomicInteger signals = new AtomicInteger();
    private final Watchdog unwinding = new Watchdog("tutti-last-words", this::endWithoutUnwinding);
    private final Watchdog halting = new Watchdog("tutti-watchdog", this::halt);
    private volatile int code;
    private volatile boolean settled;
    private final int codeOfDefects;

    private ProcessEnd(Function<Throwable, Verdict> judge, IntConsumer exit) {
        this.judge = judge;
        this.exit = exit;
        // What an ending needs is loaded now: later the program's files may be gone.
        this.codeOfDefects = judge.apply(new NoClassDefFoundError("rehearsal")).code();
        LeftBehind.giveBack();
    }

    /**
     * Takes over how this process ends, from now on.
     *
     * @param judge says what a failure means
     * @param exit ends the JVM in order
     */
    public static ProcessEnd arm(Function<Throwable, Verdict> judge, IntConsumer exit) {
        var end = new ProcessEnd(judge, exit);
        Shutdown.giveBackAtEnd();
        armed = end;
        Thread.setDefaultUncaughtExceptionHandler(end::uncaught);
        Signals.handle(end::signalled);
        return end;
    }

    /**
     * Waits for an outcome, or for the first failure of the process, which is thrown. Once there is
     * an outcome, a failure changes it no more.
     */
    @SuppressWarnings("unchecked")
    public static <T> T await(CompletionStage<T> outcome) {
        var end = armed;
        var future = outcome.toCompletableFuture();
        if (end == null) {
            return future.join();
        }
        var reached = (T) CompletableFuture.anyOf(future, end.failure).join();
        end.settled = true;
        return reached;
    }

    /** Tells whether the process has failed or is told to end: what waits for others need not. */
    public static boolean isEnding() {
        var end = armed;
        return end != null && (end.first.get() != null || end.signals.get() > 0);
    }

    /** Returns the first failure of any part of the process. */
    public static Optional<Throwable> first() {
        var end = armed;
        return end == null ? Optional.empty() : Optional.ofNullable(end.first.get());
    }

    /** Prints the line of a verdict, once for a process, and returns its code. */
    public static int tell(Verdict verdict) {
        var end = armed;
        if (end == null || end.told.compareAndSet(false, true)) {
            System.err.println("tutti: " + verdict.line());
        }
        return verdict.code();
    }

    /** Ends the process with the code of its command, which has ended in order. */
    public void exit(int ofCommand) {
        settled = true;
        code = ofCommand;
        exit.accept(ofCommand);
    }

    /** A thread has ended; an exception of gRPC's own threads may be that of one connection. */
    private void uncaught(Thread thread, Throwable cause) {
        if (cause instanceof Error || !thread.getName().startsWith("grpc-")) {
            failed(cause);
        } else {
            // Here alone, since not every command needs a log.
            LoggerFactory.getLogger(ProcessEnd.class).error("{} failed", thread.getName(), cause);
        }
    }

    /** A part of the process has failed. */
    private void failed(Throwable cause) {
        if (!settled && first.compareAndSet(null, cause)) {
            code = codeOfDefects;
            unwinding.expireIn(UNWINDING);
            halting.expireIn(FAILURE_MAX);
            failure.completeExceptionally(cause);
        }
    }

    private void endWithoutUnwinding() {
        var cause = first.get();
        if (cause == null || settled) {
            return; // The command has ended in time, and the JVM is about to.
        }
        LeftBehind.giveBack();
        try {
            var verdict = judge.apply(cause);
            code = verdict.code();
            tell(verdict);
        } finally {
            halt();
        }
    }

    private void signalled(int number) {
        code = SIGNALLED + number;
        if (signals.getAndIncrement() > 0) {
            // Asked for again: at once.
            LeftBehind.giveBack();
            halt();
        }
        halting.expireIn(Shutdown.max().plus(SIGNAL_REST));
        exit.accept(SIGNALLED + number);
    }

    private void halt() {
        LeftBehind.giveBack();
        Runtime.getRuntime().halt(code);
    }
}
