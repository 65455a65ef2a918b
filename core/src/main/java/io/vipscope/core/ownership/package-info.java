/** Cold and pure: what VRRP, ARP and ND say about who holds a VIP, as a timeline. */
@NullMarked
package io.vipscope.core.ownership;

import org.jspecify.annotations.NullMarked;
