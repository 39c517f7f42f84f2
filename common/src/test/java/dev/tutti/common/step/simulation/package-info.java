/** A cluster in virtual time for tests: clock, links, processes, faults and checks. */
@NullMarked
package dev.tutti.common.step.simulation;

import org.jspecify.annotations.NullMarked;
