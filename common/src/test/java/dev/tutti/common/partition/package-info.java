/** The laws of partitions. */
@NullMarked
package dev.tutti.common.partition;

import org.jspecify.annotations.NullMarked;
