/** The page that shows an audit while it runs, or its records, and the numbers for Prometheus. */
@NullMarked
package io.vipscope.tools.web;

import org.jspecify.annotations.NullMarked;
