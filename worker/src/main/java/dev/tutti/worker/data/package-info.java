/** Where data comes from: files, downloads and the cache of a worker's machine. */
@NullMarked
package dev.tutti.worker.data;

import org.jspecify.annotations.NullMarked;
