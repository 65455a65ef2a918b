/** Host state: the standard commands' output as a snapshot. */
@NullMarked
package io.vipscope.capture.host;

import org.jspecify.annotations.NullMarked;
