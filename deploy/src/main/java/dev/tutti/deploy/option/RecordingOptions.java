package dev.tutti.deploy.option;

import picocli.CommandLine.Option;

/** The options that say what a run leaves for its readers; none of them changes a bit. */
public final class RecordingOptions {
    @Option(
            names = "--tensorboard",
            description =
                    "write an event file for TensorBoard into the run's folder while it trains; tutti study always does")
    public boolean tensorBoard;

    @Option(
            names = "--no-report",
            description = "make no report.html in the run's folder when the run is over")
    public boolean noReport;
}
