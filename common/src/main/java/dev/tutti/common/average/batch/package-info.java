/** What is measured of a whole batch before its gradient: sums of shards, added along the tree. */
@NullMarked
package dev.tutti.common.average.batch;

import org.jspecify.annotations.NullMarked;
