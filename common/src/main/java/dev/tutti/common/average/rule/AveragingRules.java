package dev.tutti.common.average.rule;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All averaging rules that a run can name. */
public final class AveragingRules {
    /** The catalogue; a new rule is one record and one line here. */
    public static final Catalogue<AveragingRule> CATALOGUE =
            Catalogue.of(
                    "averaging rule",
                    AveragingRule.class,
                    List.of(
                            Mean.class,
                            TrimmedMean.class,
                            Median.class,
                            Krum.class,
                            MultiKrum.class,
                            Bulyan.class,
                            GeometricMedian.class,
                            CenteredClipping.class,
                            Adasum.class,
                            SignVote.class));

    private AveragingRules() {}
}
