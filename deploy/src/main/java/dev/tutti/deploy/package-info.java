/** The {@code tutti} command: its options, its local processes, what it prints. */
@NullMarked
package dev.tutti.deploy;

import org.jspecify.annotations.NullMarked;
