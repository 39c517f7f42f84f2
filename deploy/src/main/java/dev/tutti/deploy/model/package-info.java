/**
 * A trained model as a file: its card, its weights, its coding, and the weights a run starts from.
 * It uses {@code option}, {@code machine} and {@code ground}.
 */
@NullMarked
package dev.tutti.deploy.model;

import org.jspecify.annotations.NullMarked;
