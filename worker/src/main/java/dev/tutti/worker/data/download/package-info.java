/** Downloads with a known digest and their progress. It uses no other package of {@code data}. */
@NullMarked
package dev.tutti.worker.data.download;

import org.jspecify.annotations.NullMarked;
