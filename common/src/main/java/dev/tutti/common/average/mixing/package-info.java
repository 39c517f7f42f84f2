/**
 * What is done to the shards' vectors before an averaging rule sees them, and the {@link
 * dev.tutti.common.average.mixing.Gram} matrix that tells how vectors lie to one another. It uses
 * no other package of {@code average}.
 */
@NullMarked
package dev.tutti.common.average.mixing;

import org.jspecify.annotations.NullMarked;
