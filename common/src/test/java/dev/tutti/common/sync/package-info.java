/** Tests of the modes of training and their clocks. */
@NullMarked
package dev.tutti.common.sync;

import org.jspecify.annotations.NullMarked;
