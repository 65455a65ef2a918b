package io.vipscope.core.model.snapshot;

import java.util.Map;

/**
 * Kernel settings by key ({@code net.ipv4.ip_forward}); a dot inside a device name is written
 * {@code /}, as {@code sysctl} prints it.
 */
public record Sysctls(Map<String, String> values) {

  public static final Sysctls NONE = new Sysctls(Map.of());

  public Sysctls {
    values = Map.copyOf(values);
  }

  /** The setting as a number; the given default if absent or not a number. */
  public int number(String key, int absent) {
    String text = values.get(key);
    if (text == null) {
      return absent;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      return absent;
    }
  }

  /** A setting of one device: {@code net.ipvF.conf.DEV.NAME}. */
  public int device(boolean v6, String dev, String name, int absent) {
    String family = v6 ? "net.ipv6.conf." : "net.ipv4.conf.";
    return number(family + dev.replace('.', '/') + "." + name, absent);
  }

  /** An IPv4 setting that holds if set for the device or for all (IN_DEV_ORCONF). */
  public boolean orConf(String dev, String name) {
    return device(false, "all", name, 0) != 0 || device(false, dev, name, 0) != 0;
  }
}
