package dev.tutti.deploy.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A link to a port of this machine that can be cut without a FIN: what is sent over the connections
 * of before goes nowhere, and neither side is told. Connections that are opened later pass.
 */
public final class CuttableLink implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 16;

    private final int target;
    private final ServerSocket server;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Integer> opened = new LinkedBlockingQueue<>();

    /** Makes a link to a port of loopback. */
    public CuttableLink(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Cuts the connections that there are. */
    public void cut() {
        connections.forEach(connection -> connection.dead = true);
    }

    /** Cuts one connection, by its place in the order in which they were opened, from 0. */
    public void cut(int number) {
        connections.get(number).dead = true;
    }

    /** Waits until one more connection is opened; tells whether it was in this time. */
    public boolean awaitConnection(int seconds) throws InterruptedException {
        return opened.poll(seconds, TimeUnit.SECONDS) != null;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (var connection : connections) {
            connection.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                var here = server.accept();
                var there = new Socket(InetAddress.getLoopbackAddress(), target);
                var connection = new Connection(here, there);
                connections.add(connection);
                connection.start();
                opened.add(connections.size());
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private static final class Connection {
        private final Socket here;
        private final Socket there;
        private volatile boolean dead;

        Connection(Socket here, Socket there) {
            this.here = here;
            this.there = there;
        }

        void start() {
            Thread.ofVirtual().start(() -> carry(here, there));
            Thread.ofVirtual().start(() -> carry(there, here));
        }

        /** A dead connection takes what is sent, as a network does, and loses it. */
        private void carry(Socket from, Socket to) {
            try {
                pump(from.getInputStream(), to.getOutputStream());
            } catch (IOException _) {
                // The end, as any other.
            }
            if (!dead) {
                close();
            }
        }

        private void pump(InputStream in, OutputStream out) throws IOException {
            var chunk = new byte[CHUNK_BYTES];
            for (var count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                if (!dead) {
                    out.write(chunk, 0, count);
                }
            }
        }

        void close() {
            closeQuietly(here);
            closeQuietly(there);
        }

        private static void closeQuietly(Socket socket) {
            try {
                socket.close();
            } catch (IOException _) {
                // It is gone.
            }
        }
    }
}
