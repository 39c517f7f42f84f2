/**
 * The model that layers and a loss form over one flat vector of parameters, and the zoo of models
 * with a name.
 */
@NullMarked
package dev.tutti.common.nn;

import org.jspecify.annotations.NullMarked;
