/**
 * Tables of text. A cell becomes a number in {@link dev.tutti.worker.data.csv.CsvTable}. It uses
 * {@code text}, {@code table}, {@code source} and {@code target}.
 */
@NullMarked
package dev.tutti.worker.data.csv;

import org.jspecify.annotations.NullMarked;
