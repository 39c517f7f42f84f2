/**
 * The IDX format of MNIST and its kin, and Fashion-MNIST. It uses {@code source} and {@code
 * download}.
 */
@NullMarked
package dev.tutti.worker.data.idx;

import org.jspecify.annotations.NullMarked;
