/**
 * What other tools for experiments read of a run: TensorBoard's event files, and runs of an MLflow
 * server. It uses {@code cli}, {@code option} and the records of a run.
 */
@NullMarked
package dev.tutti.deploy.export;

import org.jspecify.annotations.NullMarked;
