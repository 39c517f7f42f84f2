@NullMarked
package dev.tutti.common.chaos;

import org.jspecify.annotations.NullMarked;
