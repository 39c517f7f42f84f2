/**
 * Images from files: which there are by class, their pixels, and another size for them. Knows no
 * data source.
 */
@NullMarked
package dev.tutti.worker.data.image;

import org.jspecify.annotations.NullMarked;
