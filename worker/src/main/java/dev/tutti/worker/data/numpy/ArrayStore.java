package dev.tutti.worker.data.numpy;

import java.io.IOException;
import java.util.List;

/** Arrays under their names. */
public interface ArrayStore extends AutoCloseable {
    /** Returns the names that a user meant by naming the place, in the place's order. */
    List<String> names();

    /** Tells whether there is an array of this name. */
    boolean has(String name);

    /**
     * Reads the header of an array.
     *
     * @throws dev.tutti.common.data.DataException if it is not there, no array of numbers, or not
     *     as long as its header says
     */
    NpyArray array(String name) throws IOException;

    @Override
    void close() throws IOException;
}
