/** Which source address, device and gateway a locally originated packet gets: IPv4 and IPv6. */
@NullMarked
package io.vipscope.core.model.selection;

import org.jspecify.annotations.NullMarked;
