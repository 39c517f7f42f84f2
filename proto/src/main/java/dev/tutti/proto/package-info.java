/** The wire: its messages, their translator, and the gRPC set-up that both sides share. */
@NullMarked
package dev.tutti.proto;

import org.jspecify.annotations.NullMarked;
