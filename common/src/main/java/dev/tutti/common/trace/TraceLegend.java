package dev.tutti.common.trace;

import dev.tutti.common.trace.Trace.Effort;
import java.util.Locale;

/** What the colours and lines of a trace's drawing mean, and what its derivatives took. */
final class TraceLegend {
    /** The colours and fonts. */
    static final String STYLES =
            """
            svg { font-family: "DejaVu Sans", Verdana, sans-serif; }
            .page { fill: #fcfcfa; }
            .unit { fill: #ffffff; stroke: #5b6472; stroke-width: 1.4; }
            .input { fill: #f1f5fa; stroke: #5b6472; stroke-width: 1.4; }
            .cost { fill: #fff8ec; stroke: #5b6472; stroke-width: 1.4; }
            .chip { fill: #ffffff; stroke: #d5d9e0; stroke-width: 1; }
            .plus { fill: none; stroke: #7d93b2; }
            .minus { fill: none; stroke: #c58fa6; }
            .join { fill: none; stroke: #c3c8d0; }
            .title { font-size: 17px; font-weight: bold; fill: #23272f; }
            .note { font-size: 12px; fill: #5b6472; }
            .head { font-size: 12px; font-weight: bold; fill: #23272f; text-anchor: middle; }
            .name { font-size: 12px; font-style: italic; fill: #5b6472; }
            .value, .flow { font-family: "DejaVu Sans Mono", monospace; font-size: 12px; text-anchor: end; }
            .value { fill: #1f5fbf; }
            .flow { fill: #c2560c; }
            .valuekey { font-size: 12px; fill: #1f5fbf; }
            .flowkey { font-size: 12px; fill: #c2560c; }
            """;

    private TraceLegend() {}

    /** Draws it below (x, y). */
    static void draw(Effort effort, double x, double y, Svg svg) {
        svg.text("■ value of the forward pass →", x, y, "valuekey");
        svg.text("■ ∂C/∂value of the backward pass ← (of z: δ)", x + 232, y, "flowkey");
        svg.curve(x + 572, y - 4, x + 602, y - 4, 3, "plus");
        svg.text("weight above 0", x + 609, y, "note");
        svg.curve(x + 722, y - 4, x + 752, y - 4, 3, "minus");
        svg.text("below 0; thicker is larger", x + 759, y, "note");
        svg.text(
                String.format(
                        Locale.ROOT,
                        "Local derivatives evaluated for all %,d weights: %,d by reverse mode in"
                                + " one sweep, %,d by forward mode in %,d.",
                        effort.weights(),
                        effort.reverse(),
                        effort.forward(),
                        effort.weights()),
                x,
                y + 26,
                "note");
    }
}
