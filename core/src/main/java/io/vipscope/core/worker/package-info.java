/** Hot: the ring's consumers and their way to the cold side. */
@NullMarked
package io.vipscope.core.worker;

import org.jspecify.annotations.NullMarked;
