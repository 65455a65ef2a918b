/**
 * Results for other programs: Prometheus, syslog, webhooks, IPFIX; and addresses made unreadable.
 */
@NullMarked
package io.vipscope.tools.export;

import org.jspecify.annotations.NullMarked;
