/**
 * Measurements of Tutti beside its peers: programs that are started in turn, what they say, and
 * what follows from it. It uses {@code peer}, and knows no command line.
 */
@NullMarked
package dev.tutti.deploy.bench.measure;

import org.jspecify.annotations.NullMarked;
