@NullMarked
package dev.tutti.deploy.checks;

import org.jspecify.annotations.NullMarked;
