/** What this machine offers: its kernels and its sources of data. It uses {@code cli}. */
@NullMarked
package dev.tutti.deploy.machine;

import org.jspecify.annotations.NullMarked;
