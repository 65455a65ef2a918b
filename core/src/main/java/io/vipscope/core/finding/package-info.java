/** Cold and pure: what the wire and the verdicts add up to, as findings that open and resolve. */
@NullMarked
package io.vipscope.core.finding;

import org.jspecify.annotations.NullMarked;
