/** A certificate authority for a run's own machines. It uses {@code cli}. */
@NullMarked
package dev.tutti.deploy.certs;

import org.jspecify.annotations.NullMarked;
