@NullMarked
package dev.tutti.deploy.ground;

import org.jspecify.annotations.NullMarked;
