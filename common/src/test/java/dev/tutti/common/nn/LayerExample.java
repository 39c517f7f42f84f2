package dev.tutti.common.nn;

import java.util.List;

/**
 * A layer with an input that it takes, for the laws.
 *
 * @param text the layer
 * @param input shape of one sample
 */
record LayerExample(String text, Shape input) {
    /** Every layer of the catalogue, small enough for finite differences. */
    static final List<LayerExample> ALL =
            List.of(
                    new LayerExample("dense(units=4)", Shape.of(5)),
                    new LayerExample("dense(units=1)", Shape.of(1)),
                    new LayerExample("identity", Shape.of(2, 3)),
                    new LayerExample("relu", Shape.of(7)),
                    new LayerExample("sigmoid", Shape.of(7)),
                    new LayerExample("tanh", Shape.of(2, 3)),
                    new LayerExample("gelu", Shape.of(9)));

    /** Texts that must be refused. */
    static final List<String> REFUSED =
            List.of("dense(units=0)", "dense(units=-3)", "dense(units=many)");

    static List<String> texts() {
        return ALL.stream().map(LayerExample::text).toList();
    }

    Layer layer() {
        return Layers.CATALOGUE.parse(text);
    }

    @Override
    public String toString() {
        return text + " behind " + input;
    }
}
