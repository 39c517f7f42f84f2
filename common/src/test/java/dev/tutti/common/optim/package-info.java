@NullMarked
package dev.tutti.common.optim;

import org.jspecify.annotations.NullMarked;
