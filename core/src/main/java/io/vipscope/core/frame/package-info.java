/** Hot: the stateless decoder and the header view it fills. */
@NullMarked
package io.vipscope.core.frame;

import org.jspecify.annotations.NullMarked;
