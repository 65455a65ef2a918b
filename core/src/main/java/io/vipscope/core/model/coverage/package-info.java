/** Which rules, routes and NAT rules of a host have to do with a flow. */
@NullMarked
package io.vipscope.core.model.coverage;

import org.jspecify.annotations.NullMarked;
