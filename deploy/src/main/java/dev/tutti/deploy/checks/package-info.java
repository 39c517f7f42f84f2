/**
 * What is found out about a run's data and model before its first step: refused as a {@link
 * dev.tutti.common.data.DataException}, or returned as one line of warning. Stands on {@code
 * common} alone, and knows no command line.
 */
@NullMarked
package dev.tutti.deploy.checks;

import org.jspecify.annotations.NullMarked;
