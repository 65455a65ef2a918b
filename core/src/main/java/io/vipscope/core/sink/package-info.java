/** Where results go. */
@NullMarked
package io.vipscope.core.sink;

import org.jspecify.annotations.NullMarked;
