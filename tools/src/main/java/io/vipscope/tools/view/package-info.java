/** What an audit has shown so far, within bounds: the model of the report, the page, the screen. */
@NullMarked
package io.vipscope.tools.view;

import org.jspecify.annotations.NullMarked;
