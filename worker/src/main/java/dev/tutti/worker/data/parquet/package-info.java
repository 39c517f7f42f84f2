/**
 * Parquet files, with the coding of tables of text. It uses {@code csv}, {@code table}, {@code
 * source} and {@code target}.
 */
@NullMarked
package dev.tutti.worker.data.parquet;

import org.jspecify.annotations.NullMarked;
