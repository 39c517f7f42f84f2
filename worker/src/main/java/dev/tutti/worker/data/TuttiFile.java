package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.SourceFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/** A Tutti dataset file, used in place. */
public record TuttiFile() implements DataSource {
    @Override
    public String description() {
        return "a dataset file NAME" + DatasetFile.ENDING;
    }

    @Override
    public boolean accepts(String source) {
        return source.endsWith(DatasetFile.ENDING);
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        var path = Path.of(options.source());
        try {
            var dataset = DatasetFile.read(map(path, arena));
            options.requireNoColumns(dataset.featureNames());
            return dataset;
        } catch (IOException e) {
            throw new SourceFile(path).refused(e);
        } catch (DataException e) {
            throw new SourceFile(path).refused(String.valueOf(e.getMessage()));
        }
    }

    /** Maps a whole file to read it. */
    static MemorySegment map(Path path, Arena arena) throws IOException {
        try (var channel = FileChannel.open(path)) {
            return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
        }
    }
}
