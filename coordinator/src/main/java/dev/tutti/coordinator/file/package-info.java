/**
 * A run's folder on the disk: its lock, its files of lines, and how a file appears at once or not
 * at all. It uses no other package of this module.
 */
@NullMarked
package dev.tutti.coordinator.file;

import org.jspecify.annotations.NullMarked;
