package io.vipscope.tools;

import io.vipscope.capture.SourceCounters;

/**
 * What is to be said of the input as a whole.
 *
 * @param kind file, afpacket, afxdp or pcap
 * @param seconds from the first frame read to the last frame classified
 */
record SourceTotals(String kind, SourceCounters counters, double seconds) {}
