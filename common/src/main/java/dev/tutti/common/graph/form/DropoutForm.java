package dev.tutti.common.graph.form;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.layer.Dropout;
import dev.tutti.common.nn.layer.LayerCall;
import dev.tutti.common.nn.layer.PassContext.Mode;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The graph form of dropout: each element times 0 or 1/(1 − rate).
 *
 * <p>Which elements are dropped is the one thing that a definition cannot say, so it is read off
 * the layer: those that it turns from one to zero.
 */
final class DropoutForm {
    private DropoutForm() {}

    static Rows of(Dropout dropout, LayerPlace place, Rows in) {
        if (place.pass().mode() == Mode.EVALUATION) {
            return in;
        }
        var width = place.input().size();
        try (var arena = Arena.ofConfined()) {
            var mask = onesBehind(arena, dropout, place, in.samples().size());
            var rows = new ArrayList<List<Expression>>();
            for (var row : in.samples()) {
                var from = (long) rows.size() * width;
                rows.add(masked(dropout, row, Floats.slice(mask, from, width)));
            }
            return new Rows(rows);
        }
    }

    private static List<Expression> masked(
            Dropout dropout, List<Expression> row, MemorySegment mask) {
        var kept = 1 / (1 - dropout.rate());
        var masked = new ArrayList<Expression>();
        for (var element : row) {
            masked.add(element.times(Floats.get(mask, masked.size()) == 0 ? 0 : kept));
        }
        return masked;
    }

    private static MemorySegment onesBehind(
            Arena arena, Dropout dropout, LayerPlace place, int samples) {
        var count = (long) samples * place.input().size();
        var ones = Floats.allocate(arena, count);
        Floats.fill(1f, ones);
        var out = Floats.allocate(arena, count);
        var scratch = Floats.allocate(arena, dropout.scratchFloats(place.input(), samples));
        var call =
                new LayerCall(
                        new PlainKernel(),
                        place.pass(),
                        place.layer(),
                        place.input(),
                        place.output(),
                        samples,
                        Elements.NONE,
                        Floats.NONE,
                        Elements.NONE,
                        Floats.NONE,
                        scratch,
                        false);
        dropout.forward(call, ones, out);
        return out;
    }
}
