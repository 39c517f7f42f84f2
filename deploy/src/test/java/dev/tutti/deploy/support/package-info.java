/** What tests of whole runs share: the command line, processes and links that can be cut. */
@NullMarked
package dev.tutti.deploy.support;

import org.jspecify.annotations.NullMarked;
