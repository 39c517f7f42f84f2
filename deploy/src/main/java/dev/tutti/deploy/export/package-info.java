/**
 * What other tools for experiments read of a run: TensorBoard's event files. It uses the records of
 * a run.
 */
@NullMarked
package dev.tutti.deploy.export;

import org.jspecify.annotations.NullMarked;
