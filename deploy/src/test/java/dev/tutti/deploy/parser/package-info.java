/** Every parser of the program, fed with broken input. */
@NullMarked
package dev.tutti.deploy.parser;

import org.jspecify.annotations.NullMarked;
