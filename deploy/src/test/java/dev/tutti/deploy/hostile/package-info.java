/** Peers that break the protocol, or say nothing. */
@NullMarked
package dev.tutti.deploy.hostile;

import org.jspecify.annotations.NullMarked;
