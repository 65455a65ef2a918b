/** Command line: options in, text and records out, exit codes. */
@NullMarked
package io.vipscope.tools;

import org.jspecify.annotations.NullMarked;
