/** Folders of images by class, and CIFAR's. It uses {@code image} and {@code source}. */
@NullMarked
package dev.tutti.worker.data.folder;

import org.jspecify.annotations.NullMarked;
