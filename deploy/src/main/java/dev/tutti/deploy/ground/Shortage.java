package dev.tutti.deploy.ground;

/**
 * Something that there is too little of.
 *
 * @param hard whether what is to begin cannot work; otherwise it works, but worse
 * @param line what is needed, what there is, and what to do
 */
public record Shortage(boolean hard, String line) {}
