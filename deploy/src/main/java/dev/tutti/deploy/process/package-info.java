/**
 * How a process ends: by its command's result, by the first failure of any of its parts, or by a
 * signal. Uses {@code dev.tutti.proto.life} alone.
 */
@NullMarked
package dev.tutti.deploy.process;

import org.jspecify.annotations.NullMarked;
