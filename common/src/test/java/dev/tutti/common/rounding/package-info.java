@NullMarked
package dev.tutti.common.rounding;

import org.jspecify.annotations.NullMarked;
