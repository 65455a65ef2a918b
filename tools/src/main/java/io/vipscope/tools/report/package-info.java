/** What a run has shown, as files for a ticket: HTML, Markdown, JSON. */
@NullMarked
package io.vipscope.tools.report;

import org.jspecify.annotations.NullMarked;
