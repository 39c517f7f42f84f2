@NullMarked
package dev.tutti.coordinator;

import org.jspecify.annotations.NullMarked;
