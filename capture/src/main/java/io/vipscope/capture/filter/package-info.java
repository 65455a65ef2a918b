/** Filter expressions of libpcap, evaluated without it. */
@NullMarked
package io.vipscope.capture.filter;

import org.jspecify.annotations.NullMarked;
