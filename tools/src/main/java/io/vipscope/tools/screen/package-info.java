/** The audit on a terminal, while it runs. */
@NullMarked
package io.vipscope.tools.screen;

import org.jspecify.annotations.NullMarked;
