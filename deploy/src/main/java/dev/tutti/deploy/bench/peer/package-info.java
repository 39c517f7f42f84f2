/** The peers' programs: how they are found, started and read. It knows no command line. */
@NullMarked
package dev.tutti.deploy.bench.peer;

import org.jspecify.annotations.NullMarked;
