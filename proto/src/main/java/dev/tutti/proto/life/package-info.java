/**
 * How parts of a process begin and fail: its threads, its actors, and what it leaves outside
 * itself. Knows no other package of Tutti.
 */
@org.jspecify.annotations.NullMarked
package dev.tutti.proto.life;
