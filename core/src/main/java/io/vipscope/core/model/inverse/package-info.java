/** The inverse question: which single fact would explain a source that was seen on the wire. */
@NullMarked
package io.vipscope.core.model.inverse;

import org.jspecify.annotations.NullMarked;
