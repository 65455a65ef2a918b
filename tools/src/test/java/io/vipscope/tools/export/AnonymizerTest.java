package io.vipscope.tools.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.vipscope.core.net.IpAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnonymizerTest {

  /** The key of the example that comes with the reference implementation. */
  private static final byte[] KEY = {
    21,
    34,
    23,
    (byte) 141,
    51,
    (byte) 164,
    (byte) 207,
    (byte) 128,
    19,
    10,
    91,
    22,
    73,
    (byte) 144,
    125,
    16,
    (byte) 216,
    (byte) 152,
    (byte) 143,
    (byte) 131,
    121,
    121,
    101,
    39,
    98,
    87,
    76,
    45,
    42,
    (byte) 132,
    34,
    2
  };

  private final Anonymizer names = new Anonymizer(KEY);

  /** From the sample trace of the reference implementation. */
  @ParameterizedTest
  @CsvSource({
    "128.11.68.132, 135.242.180.132",
    "129.118.74.4, 134.136.186.123",
    "130.132.252.244, 133.68.164.234",
    "141.223.7.43, 141.167.8.160",
    "141.233.145.108, 141.129.237.235"
  })
  void pseudonymsAreThoseOfTheReference(String original, String pseudonym) {
    assertEquals(pseudonym, names.of(IpAddress.parse(original)).toString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void commonPrefixesStayCommon(boolean v6) {
    Random random = new Random(7);
    int bits = v6 ? 128 : 32;
    for (int i = 0; i < 300; i++) {
      IpAddress a =
          v6
              ? IpAddress.v6(0x2001_0db8_0000_0000L | random.nextInt(), random.nextLong())
              : IpAddress.v4(0x0a00_0000 | random.nextInt() & 0xff_ffff);
      int bit = 16 + random.nextInt(bits - 16);
      IpAddress b = flipped(a, bit);
      assertEquals(common(a, b), common(names.of(a), names.of(b)), () -> a + " " + b);
    }
  }

  private static IpAddress flipped(IpAddress a, int bit) {
    int fromRight = (a.v6() ? 127 : 31) - bit;
    return fromRight >= 64
        ? new IpAddress(a.v6(), a.hi() ^ 1L << fromRight - 64, a.lo())
        : new IpAddress(a.v6(), a.hi(), a.lo() ^ 1L << fromRight);
  }

  private static int common(IpAddress a, IpAddress b) {
    byte[] x = a.toBytes();
    byte[] y = b.toBytes();
    for (int i = 0; i < x.length * 8; i++) {
      if (((x[i / 8] ^ y[i / 8]) & 0x80 >>> i % 8) != 0) {
        return i;
      }
    }
    return x.length * 8;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.168.0.9 was used",
        "via 192.168.0.9, dev eth0",
        "192.168.0.9: no",
        "to 192.168.0.9:443/tcp.",
        "at 192.168.0.9.",
        "stale-owner-lb1-192.168.0.9-2",
        "source:192.168.0.9",
        "(192.168.0.9)",
        "::ffff:192.168.0.9 x",
        "2001:db8:0:1::9: a socket",
        "[2001:db8:0:1::9]:443",
        "2001:db8:0:1:0:0:0:9.",
        "stale-owner-lb1-2001:db8:0:1::9",
        "2001:db8:0:1::/64 dev eth0",
        "10.0.0.0/8",
        "mac 52:54:00:00:00:01,",
        "10.1.2.3-10.1.2.9"
      })
  void noAddressStaysInASentence(String text) {
    String shown = names.text(text);
    for (String part : new String[] {"192.168", "2001:db8", "10.", "52:54:00:00"}) {
      assertFalse(shown.contains(part), shown);
    }
    assertNotEquals(text, shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "at 23:51:30.308 UTC",
        "2026-11-25T23:51:37.103926470+0000",
        "vrid 51 prio 150, rule4 32766",
        "224.0.0.18 and ff02::12 and 127.0.0.1 and ::1",
        "00:00:5e:00:01:33",
        "lb1: eth0, 0.0.0.0/0",
        "version 1.2.3"
      })
  void whatTellsNothingStays(String text) {
    assertEquals(text, names.text(text));
  }

  @Test
  void networksStayNetworks() {
    IpAddress host = names.of(IpAddress.parse("192.168.0.9"));
    String network = names.text("192.168.0.0/24");
    assertEquals(host.toString().replaceFirst("\\d+$", "0") + "/24", network);
  }
}
