/**
 * How the cells of a table become the numbers that a model takes: numbers, categories of words and
 * missing values. It is fitted to the training rows and kept with the model. Uses {@code data} and
 * {@code kernel}.
 */
@NullMarked
package dev.tutti.common.coding;

import org.jspecify.annotations.NullMarked;
