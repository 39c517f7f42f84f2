@NullMarked
package dev.tutti.common.nn;

import org.jspecify.annotations.NullMarked;
