/**
 * The ground of every command: exit codes, refusals in one line, standard input and output,
 * addresses. It uses {@code process}.
 */
@NullMarked
package dev.tutti.deploy.cli;

import org.jspecify.annotations.NullMarked;
