/**
 * Groups of options that several commands share, and the configuration file that gives them. It
 * uses {@code cli} and {@code machine}.
 */
@NullMarked
package dev.tutti.deploy.option;

import org.jspecify.annotations.NullMarked;
