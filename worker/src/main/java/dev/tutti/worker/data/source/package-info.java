/**
 * What a source of data is: the options it is opened with, how it reads, and rows that wait for
 * their coding. It uses {@code table} alone.
 */
@NullMarked
package dev.tutti.worker.data.source;

import org.jspecify.annotations.NullMarked;
