/** The commands, one class each. They use everything below them. */
@NullMarked
package dev.tutti.deploy.command;

import org.jspecify.annotations.NullMarked;
