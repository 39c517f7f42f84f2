package dev.tutti.deploy.report.html;

/**
 * How far a run was, counted in several ways.
 *
 * @param samples that its steps counted
 * @param seconds that its steps took
 * @param virtualSeconds by the clock of the virtual workers; not a number without one
 */
record Moment(double steps, double samples, double seconds, double virtualSeconds) {
    static final Moment START = new Moment(0, 0, 0, 0);

    /** Something measured at a moment. */
    record Measured(Moment at, double value) {}

    /** What a figure has to the right. */
    enum Axis {
        STEPS("steps"),
        SAMPLES("samples"),
        SECONDS("seconds"),
        VIRTUAL_SECONDS("virtual seconds");

        private final String text;

        Axis(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        double of(Moment moment) {
            return switch (this) {
                case STEPS -> moment.steps();
                case SAMPLES -> moment.samples();
                case SECONDS -> moment.seconds();
                case VIRTUAL_SECONDS -> moment.virtualSeconds();
            };
        }
    }
}
