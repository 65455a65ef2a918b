/** How much of a capture's kind of traffic this machine can audit. */
@NullMarked
package io.vipscope.tools.capacity;

import org.jspecify.annotations.NullMarked;
