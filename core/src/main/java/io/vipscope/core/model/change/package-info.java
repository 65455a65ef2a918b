/** What a host's state becomes: by keepalived's doing, or by a command that an operator types. */
@NullMarked
package io.vipscope.core.model.change;

import org.jspecify.annotations.NullMarked;
