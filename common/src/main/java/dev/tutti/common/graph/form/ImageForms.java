package dev.tutti.common.graph.form;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.nn.layer.Conv2d;
import dev.tutti.common.vector.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The graph forms of the layers that look at images of channels × height × width. */
final class ImageForms {
    private ImageForms() {}

    /** A formula for each channel and place of an image. */
    @FunctionalInterface
    private interface PixelFormula {
        Expression at(int channel, int row, int column);
    }

    /**
     * out[c,y,x] = b_c + Σ over channels k and places (u,v) of the window of W[c,k,u,v] · in[k, y·s
     * + u − p, x·s + v − p], with stride s and padding p; what lies beside the image is zero.
     */
    static List<Expression> convolution(Conv2d layer, LayerPlace place, List<Expression> image) {
        var weight = place.parameters().get(0);
        var bias = place.parameters().get(1);
        return pixels(
                place.output(),
                (channel, y, x) -> {
                    var terms = new ArrayList<Expression>();
                    var count = weight.size() / layer.channels();
                    var filter = weight.subList(channel * count, (channel + 1) * count);
                    addProducts(layer, place.input(), filter, image, y, x, terms);
                    terms.add(bias.get(channel));
                    return Expression.sum(terms);
                });
    }

    private static void addProducts(
            Conv2d layer,
            Shape input,
            List<Expression> filter,
            List<Expression> image,
            int y,
            int x,
            List<Expression> out) {
        var next = filter.iterator();
        for (var channel = 0; channel < input.extent(0); channel++) {
            for (var u = 0; u < layer.kernel(); u++) {
                for (var v = 0; v < layer.kernel(); v++) {
                    var weight = next.next();
                    var row = y * layer.stride() + u - layer.padding();
                    var column = x * layer.stride() + v - layer.padding();
                    if (isInside(input, row, column)) {
                        out.add(weight.times(image.get(position(input, channel, row, column))));
                    }
                }
            }
        }
    }

    /** What {@code formula} makes of the pixels under each window, row by row. */
    static List<Expression> pool(
            int size,
            int stride,
            LayerPlace place,
            List<Expression> image,
            Function<List<Expression>, Expression> formula) {
        return pixels(
                place.output(),
                (channel, y, x) -> {
                    var under = new ArrayList<Expression>();
                    for (var u = 0; u < size; u++) {
                        for (var v = 0; v < size; v++) {
                            var row = y * stride + u;
                            var column = x * stride + v;
                            under.add(image.get(position(place.input(), channel, row, column)));
                        }
                    }
                    return formula.apply(under);
                });
    }

    private static List<Expression> pixels(Shape image, PixelFormula formula) {
        var pixels = new ArrayList<Expression>();
        for (var channel = 0; channel < image.extent(0); channel++) {
            for (var row = 0; row < image.extent(1); row++) {
                for (var column = 0; column < image.extent(2); column++) {
                    pixels.add(formula.at(channel, row, column));
                }
            }
        }
        return pixels;
    }

    private static boolean isInside(Shape image, int row, int column) {
        return row >= 0 && row < image.extent(1) && column >= 0 && column < image.extent(2);
    }

    private static int position(Shape image, int channel, int row, int column) {
        return (channel * image.extent(1) + row) * image.extent(2) + column;
    }
}
