package io.vipscope.bench;

import io.vipscope.core.net.IpAddress;

/** One end of a conversation as a frame names it; the MAC is in the low 48 bits. */
record Endpoint(long mac, IpAddress address, int port) {}
