package dev.tutti.common.nn;

import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.Layers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Whole models by name, each a shorthand for a text that could be written out. */
public final class Zoo {
    private static final String VGG_BLOCK =
            "conv2d(%1$d,3,padding=1),batch-norm,relu,"
                    + "conv2d(%1$d,3,padding=1),batch-norm,relu,max-pool(2)";

    private static final String RESNET_BLOCK =
            "residual(conv2d(%1$d,3,padding=1),batch-norm,relu,"
                    + "conv2d(%1$d,3,padding=1),batch-norm),relu";

    /** The first convolution of a stage halves the image and widens it. */
    private static final String RESNET_STAGE =
            "conv2d(%1$d,3,stride=2,padding=1),batch-norm,relu," + RESNET_BLOCK;

    private static final Map<String, String> TEXTS =
            new TreeMap<>(
                    Map.of(
                            "mlp",
                            "dense(128),relu,dense(64),relu,dense",
                            // LeCun et al. 1998, with the rectifier and maximum of later years.
                            "lenet5",
                            "conv2d(6,5,padding=2),relu,max-pool(2),conv2d(16,5),relu,max-pool(2),"
                                    + "flatten,dense(120),relu,dense(84),relu,dense",
                            // After Simonyan and Zisserman 2015.
                            "vgg-small",
                            VGG_BLOCK.formatted(32)
                                    + ","
                                    + VGG_BLOCK.formatted(64)
                                    + ",flatten,dropout(0.3),dense(128),relu,dropout(0.3),dense",
                            // After He et al. 2016, figure 3.
                            "resnet-small",
                            "conv2d(16,3,padding=1),batch-norm,relu,"
                                    + RESNET_BLOCK.formatted(16)
                                    + ","
                                    + RESNET_STAGE.formatted(32)
                                    + ","
                                    + RESNET_STAGE.formatted(64)
                                    + ",global-average-pool,dense"));

    private Zoo() {}

    /** Returns the names of all models, sorted. */
    public static List<String> names() {
        return List.copyOf(TEXTS.keySet());
    }

    /** Returns the layers that {@code text} names: a model of the zoo, or layers written out. */
    public static List<Layer> layers(String text) {
        return Layers.CATALOGUE.parseList(TEXTS.getOrDefault(text.strip(), text));
    }
}
