/**
 * Data for a run: the catalogue of sources, the cache of this machine, and data that a coordinator
 * sends. It uses all packages below it.
 */
@NullMarked
package dev.tutti.worker.data;

import org.jspecify.annotations.NullMarked;
