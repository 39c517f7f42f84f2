/**
 * Who is there, who computes which shards, and how long they may take. A worker's silence is judged
 * here. It uses {@code run} and {@code message}.
 */
@NullMarked
package dev.tutti.common.step.lease;

import org.jspecify.annotations.NullMarked;
