/** The project itself: its structure, its documents and its scripts. */
@NullMarked
package dev.tutti.deploy.project;

import org.jspecify.annotations.NullMarked;
