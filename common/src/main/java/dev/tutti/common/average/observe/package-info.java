/**
 * What is looked at in a run, and what is seen: how the shards' gradients lie to one another, what
 * other rules would have made of them, whether their mean is the gradient of the whole batch, and
 * digests of them all. Nothing here changes a bit of the weights. It uses the packages {@code
 * mixing}, {@code rule} and {@code pipeline}.
 */
@NullMarked
package dev.tutti.common.average.observe;

import org.jspecify.annotations.NullMarked;
