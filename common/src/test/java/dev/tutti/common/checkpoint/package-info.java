@NullMarked
package dev.tutti.common.checkpoint;

import org.jspecify.annotations.NullMarked;
