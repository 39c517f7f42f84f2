package dev.tutti.common.plugin;

/** A plug-in's text was refused; the message says what was found, what exists, what to do. */
public final class PlugInException extends IllegalArgumentException {
    /** Makes the refusal with its whole message. */
    public PlugInException(String message) {
        super(message);
    }
}
