/**
 * The carrier between processes of one host: memory that both map, in place of bytes through a
 * socket. docs/ARCHITECTURE.md, "Shared memory between the processes of one host".
 */
@NullMarked
package dev.tutti.proto.shared;

import org.jspecify.annotations.NullMarked;
