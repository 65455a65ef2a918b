/** What one host's kernel was configured with at one time: immutable values, in kernel order. */
@NullMarked
package io.vipscope.core.model.snapshot;

import org.jspecify.annotations.NullMarked;
