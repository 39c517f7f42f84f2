/**
 * Steps of a cluster in virtual time, on as many machines as wanted, by the machines of production:
 * what would a thousand workers do? It measures with {@code bench.measure} and knows no command
 * line.
 */
@NullMarked
package dev.tutti.deploy.simulate;

import org.jspecify.annotations.NullMarked;
