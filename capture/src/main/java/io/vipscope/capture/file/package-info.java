/** Capture files: pcap, pcapng, compressed or not, one or several. */
@NullMarked
package io.vipscope.capture.file;

import org.jspecify.annotations.NullMarked;
