/** Forwarding tables of one host and the walk over its policy rules, as the kernel does them. */
@NullMarked
package io.vipscope.core.model.fib;

import org.jspecify.annotations.NullMarked;
