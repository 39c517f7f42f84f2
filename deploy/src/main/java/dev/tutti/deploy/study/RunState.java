package dev.tutti.deploy.study;

/** How far a run of a study is, as its folder tells. */
enum RunState {
    /** It has not begun. */
    QUEUED("to go"),
    /** It was stopped, and goes on from its newest checkpoint. */
    INTERRUPTED("interrupted"),
    /** It could not go on; it is not tried again. */
    FAILED("failed"),
    /** It is over, and is never computed again. */
    DONE("done");

    private final String text;

    RunState(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
