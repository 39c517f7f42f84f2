/** Who may talk to a coordinator, and how either side says why it will not. */
@NullMarked
package dev.tutti.proto.access;

import org.jspecify.annotations.NullMarked;
