/** Hot: flow keys over primitives, the table with one writer, timeouts. */
@NullMarked
package io.vipscope.core.flow;

import org.jspecify.annotations.NullMarked;
