/** Pictures as SVG, for the report and the page: their colours are CSS variables of either. */
@NullMarked
package io.vipscope.tools.picture;

import org.jspecify.annotations.NullMarked;
