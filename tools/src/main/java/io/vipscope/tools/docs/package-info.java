/** What is made of the command line's model: man pages and completion. */
@NullMarked
package io.vipscope.tools.docs;

import org.jspecify.annotations.NullMarked;
