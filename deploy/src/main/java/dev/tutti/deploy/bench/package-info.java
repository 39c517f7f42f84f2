/**
 * Measuring Tutti beside its peers: programs that are started in turn, what they say, and what
 * follows from it. The command line in front of it is elsewhere.
 */
@NullMarked
package dev.tutti.deploy.bench;

import org.jspecify.annotations.NullMarked;
