package dev.tutti.deploy.process;

/**
 * What a failure means to the user.
 *
 * @param code that the process ends with
 * @param line that it prints
 */
public record Verdict(int code, String line) {}
