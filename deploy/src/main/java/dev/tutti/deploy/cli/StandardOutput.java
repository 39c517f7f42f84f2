package dev.tutti.deploy.cli;

import dev.tutti.proto.failure.Reason;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Standard output that fails aloud. A {@link PrintStream} swallows what the system says, and a
 * command whose output went nowhere would end as if all were well; here a failure ends it.
 */
public final class StandardOutput extends OutputStream {
    private final OutputStream out;

    /** Makes standard output of a stream that is not buffered. */
    StandardOutput(OutputStream out) {
        this.out = out;
    }

    /** Standard output could not be written; thrown through a {@link PrintStream}. */
    public static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failure(IOException cause) {
            super("cannot write to standard output: " + reason(cause), cause);
        }

        private static String reason(IOException cause) {
            var said = String.valueOf(cause.getMessage());
            return said.contains("Bad file descriptor") ? "it is closed" : Reason.of(cause);
        }

        /** Returns whether its reader has gone, as {@code head} does once it has its lines. */
        public boolean readerHasGone() {
            return getCause() != null
                    && String.valueOf(getCause().getMessage()).contains("Broken pipe");
        }
    }

    /** Puts it in the place of the JVM's own standard output. */
    public static void install() {
        System.setOut(
                new PrintStream(
                        new StandardOutput(new FileOutputStream(FileDescriptor.out)),
                        true,
                        System.out.charset()));
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new Failure(e);
        }
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new Failure(e);
        }
    }
}
