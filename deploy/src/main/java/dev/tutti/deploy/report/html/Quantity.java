package dev.tutti.deploy.report.html;

/** What a run measures along its way. */
enum Quantity {
    TRAINING_LOSS("loss in training"),
    VALIDATION_LOSS("validation loss"),
    VALIDATION_ACCURACY("validation accuracy"),
    COSINE("median cosine of the shards to their mean"),
    NOISE_SCALE("gradient noise scale, in samples");

    private final String text;

    Quantity(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
