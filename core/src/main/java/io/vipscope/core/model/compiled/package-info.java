/** The model's answers as tables: one lookup a flow, no allocation. */
@NullMarked
package io.vipscope.core.model.compiled;

import org.jspecify.annotations.NullMarked;
