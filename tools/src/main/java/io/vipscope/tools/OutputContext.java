package io.vipscope.tools;

import io.vipscope.core.frame.Segments;
import io.vipscope.core.pipeline.HostIndex;
import java.io.PrintWriter;
import java.util.List;

/**
 * The audit whose results an output takes.
 *
 * @param live interfaces, else files
 * @param sources their names
 * @param out standard output
 */
record OutputContext(
    HostIndex index,
    Segments segments,
    String sensor,
    boolean live,
    List<String> sources,
    PrintWriter out,
    PrintWriter err) {}
