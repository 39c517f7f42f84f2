/**
 * A run in virtual time on as many machines as wanted, by the machines of production. It knows no
 * command line.
 */
@NullMarked
package dev.tutti.deploy.bench.scale;

import org.jspecify.annotations.NullMarked;
