/**
 * In what two runs differ: their settings, their figures, their times, and the first difference of
 * their bits. It reads the folders of runs.
 */
@NullMarked
package dev.tutti.deploy.report.diff;

import org.jspecify.annotations.NullMarked;
