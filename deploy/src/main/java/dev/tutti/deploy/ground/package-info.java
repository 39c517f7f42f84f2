/**
 * The ground that a process stands on: what the machine, its control group and the JVM have of
 * memory, shared memory, disk and open files, and whether that is enough for what is to begin. It
 * looks and tells; the command line decides. Uses {@code common}, {@code proto} and {@code
 * coordinator}, and nothing of the command line.
 */
@NullMarked
package dev.tutti.deploy.ground;

import org.jspecify.annotations.NullMarked;
