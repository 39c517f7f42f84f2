@NullMarked
package dev.tutti.deploy.bench;

import org.jspecify.annotations.NullMarked;
