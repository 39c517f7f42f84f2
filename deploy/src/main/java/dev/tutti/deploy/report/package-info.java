/** Reports for a terminal: tables of figures and aligned rows. It uses {@code predict}. */
@NullMarked
package dev.tutti.deploy.report;

import org.jspecify.annotations.NullMarked;
