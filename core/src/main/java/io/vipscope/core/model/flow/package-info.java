/** Which source a host's own flow has on the wire: routing, then netfilter. */
@NullMarked
package io.vipscope.core.model.flow;

import org.jspecify.annotations.NullMarked;
