@NullMarked
package dev.tutti.proto;

import org.jspecify.annotations.NullMarked;
