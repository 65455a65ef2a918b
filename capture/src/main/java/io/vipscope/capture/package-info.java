/** Where frames come from. */
@NullMarked
package io.vipscope.capture;

import org.jspecify.annotations.NullMarked;
