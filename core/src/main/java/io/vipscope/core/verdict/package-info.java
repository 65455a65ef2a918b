/** The words of a verdict. */
@NullMarked
package io.vipscope.core.verdict;

import org.jspecify.annotations.NullMarked;
