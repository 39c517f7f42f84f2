/**
 * What happens in a run, as pure state machines: events and the time go in, decisions come out. No
 * file, socket, clock or actor. The coordinator, the worker process and the relay are shells around
 * these machines. The packages below it, from the bottom up: {@code run}, {@code compute}, {@code
 * course}, {@code message}, {@code lease}, {@code coordinate}, {@code worker}, {@code relay}.
 */
@NullMarked
package dev.tutti.common.step;

import org.jspecify.annotations.NullMarked;
