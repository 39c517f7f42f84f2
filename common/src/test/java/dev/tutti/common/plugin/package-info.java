@NullMarked
package dev.tutti.common.plugin;

import org.jspecify.annotations.NullMarked;
