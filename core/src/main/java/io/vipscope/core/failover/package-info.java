/** Cold and pure: what happened, and to whom, each time that a VRRP instance changed hands. */
@NullMarked
package io.vipscope.core.failover;

import org.jspecify.annotations.NullMarked;
