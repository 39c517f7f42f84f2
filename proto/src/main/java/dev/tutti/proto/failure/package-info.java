/**
 * What went wrong on the wire or in a file, in one line. It uses no other package of this module.
 */
@NullMarked
package dev.tutti.proto.failure;

import org.jspecify.annotations.NullMarked;
