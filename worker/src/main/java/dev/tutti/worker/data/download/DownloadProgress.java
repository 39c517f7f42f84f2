package dev.tutti.worker.data.download;

import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;

/** Learns how far a download is. */
@FunctionalInterface
public interface DownloadProgress {
    /**
     * Takes the state of one file's download; called often, and once at its end.
     *
     * @param file the name of the file
     * @param bytes what has arrived
     * @param bytesMax all there is; −1 if the server does not say
     */
    void arrived(String file, long bytes, long bytesMax);

    /** Returns a progress that is one line a file, rewritten at each tenth of it. */
    static DownloadProgress printed(PrintStream out) {
        var tenths = new AtomicLong(-1);
        return (file, bytes, bytesMax) -> {
            var tenth = bytesMax > 0 ? 10 * bytes / bytesMax : 0;
            if (tenths.getAndSet(tenth) != tenth) {
                var all = bytesMax > 0 ? " of %.1f MB".formatted(bytesMax / 1e6) : "";
                var end = bytes == bytesMax ? "%n".formatted() : "";
                out.printf("\rfetching %s: %.1f MB%s%s", file, bytes / 1e6, all, end);
                out.flush();
            }
        };
    }
}
