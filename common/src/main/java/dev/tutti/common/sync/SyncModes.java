package dev.tutti.common.sync;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All modes that a run can name. */
public final class SyncModes {
    /** The catalogue; a new mode is one record and one line here. */
    public static final Catalogue<SyncMode> CATALOGUE =
            Catalogue.of(
                    "mode",
                    SyncMode.class,
                    List.of(
                            Synchronous.class,
                            Backup.class,
                            Stale.class,
                            Asynchronous.class,
                            DcAsgd.class,
                            Local.class,
                            PostLocal.class,
                            Diloco.class));

    private SyncModes() {}
}
