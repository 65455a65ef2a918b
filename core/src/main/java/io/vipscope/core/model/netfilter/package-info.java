/** Netfilter on top of routing: which source a packet leaves with. */
@NullMarked
package io.vipscope.core.model.netfilter;

import org.jspecify.annotations.NullMarked;
