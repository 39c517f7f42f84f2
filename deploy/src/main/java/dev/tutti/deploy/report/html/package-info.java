/**
 * A report of runs as one HTML file that needs no network: figures as SVG, tables, settings, and
 * the command that repeats each run. It reads the folders of runs, and uses {@code option} and
 * {@code cli}.
 */
@NullMarked
package dev.tutti.deploy.report.html;

import org.jspecify.annotations.NullMarked;
