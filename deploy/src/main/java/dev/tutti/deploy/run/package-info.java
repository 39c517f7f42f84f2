/**
 * A run as a command prepares and starts it: from options to a coordinator, its folder, its
 * progress and what a failure means. It uses all packages named before it.
 */
@NullMarked
package dev.tutti.deploy.run;

import org.jspecify.annotations.NullMarked;
