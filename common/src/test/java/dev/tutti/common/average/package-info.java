@NullMarked
package dev.tutti.common.average;

import org.jspecify.annotations.NullMarked;
