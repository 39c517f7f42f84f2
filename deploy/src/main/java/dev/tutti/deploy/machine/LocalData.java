package dev.tutti.deploy.machine;

import dev.tutti.worker.data.DataSources;
import dev.tutti.worker.data.DatasetCache;
import dev.tutti.worker.data.download.DownloadProgress;
import dev.tutti.worker.data.idx.FashionMnist;
import java.nio.file.Path;
import java.util.Optional;

/** Where data comes from on this machine. */
public final class LocalData {
    private LocalData() {}

    /** Returns the folder that the user's caches are in. */
    public static Path cacheFolder() {
        return DatasetCache.userFolder(System.getenv(), System.getProperty("user.home", ""));
    }

    /** Returns all kinds of data sources; they tell what they decide, and how far a download is. */
    public static DataSources sources() {
        return DataSources.standard(
                cacheFolder(), DownloadProgress.printed(System.err), System.err::println);
    }

    /** Returns the folder of Fashion-MNIST's files, if this machine has them. */
    public static Optional<Path> fashionMnist() {
        return FashionMnist.standard(cacheFolder(), DownloadProgress.printed(System.err)).found();
    }

    /** Returns the datasets that this machine keeps. */
    public static DatasetCache cache() {
        return new DatasetCache(cacheFolder().resolve("data"));
    }
}
