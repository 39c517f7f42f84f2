/**
 * The data of a run: read, split, coded and weighted, and whether its targets are classes. It uses
 * {@code option}, {@code machine} and {@code model}.
 */
@NullMarked
package dev.tutti.deploy.data;

import org.jspecify.annotations.NullMarked;
