@NullMarked
package dev.tutti.common.compress;

import org.jspecify.annotations.NullMarked;
