/** Interfaces read while frames arrive. */
@NullMarked
package io.vipscope.capture.live;

import org.jspecify.annotations.NullMarked;
