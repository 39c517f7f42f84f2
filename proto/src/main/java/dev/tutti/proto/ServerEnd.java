package dev.tutti.proto;

import io.grpc.Server;
import java.util.concurrent.TimeUnit;

/** The end of a server whose calls have been told to end. */
public final class ServerEnd {
    private static final int SECONDS = 2;

    private ServerEnd() {}

    /** Waits for the server's last calls for a moment, then ends those that are left. */
    public static void await(Server server) {
        try {
            if (!server.awaitTermination(SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            server.shutdownNow();
        }
    }
}
