@NullMarked
package dev.tutti.deploy;

import org.jspecify.annotations.NullMarked;
