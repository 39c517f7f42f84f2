/**
 * Workers of this machine: their processes, how they are started and ended, and the faults that
 * {@code --chaos} strikes. It uses {@code run}.
 */
@NullMarked
package dev.tutti.deploy.local;

import org.jspecify.annotations.NullMarked;
