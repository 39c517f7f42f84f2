package dev.tutti.worker.data.text;

import de.siegmar.fastcsv.reader.CloseableIterator;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Rows that a thread of their own reads ahead: while it finds cells, another thread makes numbers
 * of those before. What the reading fails with is thrown where its row would be.
 */
final class RowsAhead implements AutoCloseable {
    private static final int BATCHES = 3;
    private static final int ROWS_MAX = 256;
    private static final int CHARACTERS_MAX = 1 << 17;

    private final CloseableIterator<CellRow> records;
    private final RowFiller filler;
    private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(BATCHES);
    private final BlockingQueue<Batch> filled = new ArrayBlockingQueue<>(BATCHES);
    private final Thread thread;
    private Batch batch = new Batch();
    private CellRow row = new CellRow();
    private int at;

    /** Rows that go from one thread to the other together. */
    private static final class Batch {
        private final List<CellRow> rows = new ArrayList<>();
        private int count;
        private boolean last;
        private Optional<RuntimeException> failure = Optional.empty();
        private Optional<OutOfMemoryError> error = Optional.empty();

        /** Returns a row to fill behind the others. */
        CellRow next() {
            if (count == rows.size()) {
                rows.add(new CellRow());
            }
            return rows.get(count);
        }
    }

    /**
     * Begins to read.
     *
     * @param records no other thread uses from now on
     * @param filler that fills their rows
     */
    RowsAhead(CloseableIterator<CellRow> records, RowFiller filler) {
        this.records = records;
        this.filler = filler;
        for (var i = 1; i < BATCHES; i++) {
            empty.add(new Batch());
        }
        this.thread = Threads.start(ProcessPart.DATA, this::read);
    }

    private void read() {
        try {
            for (var more = true; more; ) {
                var next = empty.take();
                fill(next);
                more = !next.last;
                filled.put(next);
            }
        } catch (InterruptedException _) {
            // The rows are closed: nobody wants the rest.
        }
    }

    private void fill(Batch out) {
        out.count = 0;
        var characters = 0;
        try {
            while (out.count < ROWS_MAX && characters < CHARACTERS_MAX) {
                filler.fill(out.next());
                if (!records.hasNext()) {
                    out.last = true;
                    return;
                }
                characters += records.next().length();
                out.count++;
            }
        } catch (RuntimeException e) {
            out.failure = Optional.of(e);
            out.last = true;
        } catch (OutOfMemoryError e) {
            out.error = Optional.of(e);
            out.last = true;
        }
    }

    /**
     * Goes to the next row; false if there is none.
     *
     * @throws RuntimeException that reading failed with: the row is then the part that was read
     */
    boolean next() {
        if (at == batch.count && !batch.last) {
            advance();
        }
        if (at < batch.count) {
            row = batch.rows.get(at);
            at++;
            return true;
        }
        if (batch.error.isPresent()) {
            throw batch.error.get();
        }
        if (batch.failure.isPresent()) {
            row = batch.next();
            throw batch.failure.get();
        }
        return false;
    }

    /** Returns the row, good until the next call of {@link #next}. */
    CellRow row() {
        return row;
    }

    private void advance() {
        try {
            empty.put(batch);
            batch = filled.take();
            at = 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException(e.getMessage()));
        }
    }

    @Override
    public void close() throws IOException {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        records.close();
    }
}
