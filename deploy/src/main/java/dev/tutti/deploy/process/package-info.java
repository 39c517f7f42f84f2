/**
 * What this JVM is: its actors, its logs and its signals; and how it ends: by its command's result,
 * by the first failure of any of its parts, or by a signal. It uses no other package of this
 * module.
 */
@NullMarked
package dev.tutti.deploy.process;

import org.jspecify.annotations.NullMarked;
