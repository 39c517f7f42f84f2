/**
 * A study: a file names the settings that vary, and each combination is trained once, on this
 * machine, one run after another. The page and the table of results grow with each run. It uses
 * {@code local}, {@code run}, {@code report} and what is below them.
 */
@NullMarked
package dev.tutti.deploy.study;

import org.jspecify.annotations.NullMarked;
