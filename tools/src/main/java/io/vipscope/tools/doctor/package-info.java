/** Checks that tell whether this machine, this interface and these hosts can be audited well. */
@NullMarked
package io.vipscope.tools.doctor;

import org.jspecify.annotations.NullMarked;
