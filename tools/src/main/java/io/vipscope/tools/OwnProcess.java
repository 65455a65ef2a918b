package io.vipscope.tools;

import org.jspecify.annotations.Nullable;

/**
 * The process that has a socket of this host.
 *
 * @param pid -1 if only the user is known
 * @param comm its name; null if only the user is known
 * @param unit its systemd unit; null without one
 */
record OwnProcess(long pid, @Nullable String comm, long uid, @Nullable String unit) {}
