package dev.tutti.common.graph;

import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.layer.Sigmoid;
import dev.tutti.common.nn.loss.Quadratic;
import dev.tutti.common.trace.Trace;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The worked network of docs/BACKPROP.md: three inputs, two hidden units, one output. */
public record ThreeTwoOne(Model model, Quadratic loss, MemorySegment weights, Workspace workspace) {
    public static ThreeTwoOne in(Arena arena) {
        var model =
                Model.of(
                        List.of(Dense.of(2), new Sigmoid(), Dense.of(1), new Sigmoid()),
                        Shape.of(3),
                        1);
        var loss = new Quadratic();
        var weights =
                Floats.of(
                        arena, 0.4f, -0.2f, 0.1f, -0.3f, 0.6f, 0.5f, 0.1f, -0.1f, 0.7f, -0.5f,
                        0.2f);
        var workspace = new Workspace(arena, model, loss, 1);
        Floats.copy(Floats.of(arena, 0.5f, -1f, 0.8f), workspace.features());
        Floats.copy(Floats.of(arena, 1f), workspace.targets());
        return new ThreeTwoOne(model, loss, weights, workspace);
    }

    public Trace trace() {
        return Trace.of(model, loss, weights, workspace, PassContext.EVALUATION);
    }
}
