@NullMarked
package dev.tutti.common.step;

import org.jspecify.annotations.NullMarked;
