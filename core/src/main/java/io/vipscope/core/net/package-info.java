/** Addresses as values: the vocabulary that every room shares. */
@NullMarked
package io.vipscope.core.net;

import org.jspecify.annotations.NullMarked;
