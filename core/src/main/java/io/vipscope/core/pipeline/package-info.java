/** Cold wiring: the only room that knows flows and model; makes verdicts in capture order. */
@NullMarked
package io.vipscope.core.pipeline;

import org.jspecify.annotations.NullMarked;
