/** How an answer came about: typed steps, and their sentences. */
@NullMarked
package io.vipscope.core.model.explanation;

import org.jspecify.annotations.NullMarked;
