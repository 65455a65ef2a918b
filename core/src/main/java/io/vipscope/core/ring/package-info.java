/** Hot: the blocks that travel through the Disruptor ring, and the reader's end of it. */
@NullMarked
package io.vipscope.core.ring;

import org.jspecify.annotations.NullMarked;
