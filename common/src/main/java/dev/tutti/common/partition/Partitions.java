package dev.tutti.common.partition;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All partitions that a run can name. */
public final class Partitions {
    /** The catalogue; a new partition is one record and one line here. */
    public static final Catalogue<Partition> CATALOGUE =
            Catalogue.of(
                    "partition",
                    Partition.class,
                    List.of(Iid.class, Sorted.class, Dirichlet.class, ByLabel.class));

    private Partitions() {}
}
