/**
 * The {@code tutti} command: {@link dev.tutti.deploy.Main} and its rehearsal for a fast start. The
 * packages below it, from the bottom up: {@code process}, {@code cli}, {@code ground}, {@code
 * machine}, {@code option}, {@code model}, {@code predict}, {@code report}, {@code data}, {@code
 * checks}, {@code run}, {@code local}, {@code relay}, {@code certs}, {@code bench}, {@code
 * command}.
 */
@NullMarked
package dev.tutti.deploy;

import org.jspecify.annotations.NullMarked;
