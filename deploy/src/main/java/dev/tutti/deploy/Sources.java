package dev.tutti.deploy;

import dev.tutti.worker.data.DataSources;
import dev.tutti.worker.data.DatasetCache;
import dev.tutti.worker.data.DownloadProgress;
import java.nio.file.Path;

/** Where data comes from on this machine. */
final class Sources {
    private Sources() {}

    /** Returns the folder that the user's caches are in. */
    static Path cacheFolder() {
        return DatasetCache.userFolder(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** Returns all kinds of data sources; downloads tell of their progress. */
    static DataSources standard() {
        return DataSources.standard(cacheFolder(), DownloadProgress.printed(System.err));
    }

    /** Returns the datasets that this machine keeps. */
    static DatasetCache cache() {
        return new DatasetCache(cacheFolder().resolve("data"));
    }
}
