package io.vipscope.core.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

  /** Addresses whose groups are often zero, short or full. */
  private static IpAddress random6(Random random) {
    long[] halves = new long[2];
    for (int g = 0; g < 8; g++) {
      int group =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(0x10000);
            case 1 -> random.nextInt(16);
            default -> 0;
          };
      halves[g / 4] = halves[g / 4] << 16 | group;
    }
    return IpAddress.v6(halves[0], halves[1]);
  }

  /** RFC 5952 section 4, written from its text: longest run of two or more zeros, the first one. */
  private static String rfc5952(byte[] bytes) {
    String[] groups = new String[8];
    for (int g = 0; g < 8; g++) {
      groups[g] = Integer.toHexString((bytes[2 * g] & 0xff) << 8 | bytes[2 * g + 1] & 0xff);
    }
    for (int run = 8; run >= 2; run--) {
      for (int at = 0; at + run <= 8; at++) {
        boolean zeros = true;
        for (int g = at; g < at + run; g++) {
          zeros &= groups[g].equals("0");
        }
        if (zeros) {
          return String.join(":", java.util.Arrays.copyOfRange(groups, 0, at))
              + "::"
              + String.join(":", java.util.Arrays.copyOfRange(groups, at + run, 8));
        }
      }
    }
    return String.join(":", groups);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void ipv6TextIsThatOfRfc5952AndComesBack(long seed) throws UnknownHostException {
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      IpAddress address = random6(random);
      String text = address.toString();
      if (address.hi() != 0 || address.lo() >>> 32 != 0xffff) {
        assertEquals(rfc5952(address.toBytes()), text);
        assertArrayEquals(InetAddress.getByName(text).getAddress(), address.toBytes());
      }
      assertEquals(address, IpAddress.parse(text));
      assertEquals(address, IpAddress.parse(text.toUpperCase(Locale.ROOT)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5})
  void textOfInetAddressIsRead(long seed) throws UnknownHostException {
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      IpAddress address = random6(random);
      InetAddress inet = InetAddress.getByAddress(address.toBytes());
      if (inet.getAddress().length == 16) {
        assertEquals(address, IpAddress.parse(inet.getHostAddress()));
      }
      IpAddress v4 = IpAddress.v4(random.nextInt());
      inet = InetAddress.getByAddress(v4.toBytes());
      assertEquals(inet.getHostAddress(), v4.toString());
      assertEquals(v4, IpAddress.parse(inet.getHostAddress()));
      assertEquals(inet.isMulticastAddress(), v4.isMulticast());
      assertEquals(inet.isLoopbackAddress(), v4.isLoopback());
      assertEquals(inet.isLinkLocalAddress(), v4.isLinkLocal());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7})
  void changedTextIsReadAsInetAddressReadsIt(long seed) {
    Random random = new Random(seed);
    String alphabet = "0123456789abcdef:::...g/";
    for (int i = 0; i < 40_000; i++) {
      StringBuilder text = new StringBuilder(random6(random).toString());
      for (int change = random.nextInt(3); change >= 0 && !text.isEmpty(); change--) {
        int at = random.nextInt(text.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, c);
          case 1 -> text.insert(at, c);
          default -> text.deleteCharAt(at);
        }
      }
      String changed = text.toString();
      if (changed.indexOf(':') < 0 || changed.indexOf('.') >= 0) {
        continue; // a host name, or IPv4-mapped, which InetAddress turns into IPv4
      }
      if (changed.matches(".*[0-9a-f]{5}.*")) {
        // RFC 4291 section 2.2: one to four digits; InetAddress takes more if they are zeros.
        assertFalse(IpAddress.isAddress(changed), changed);
        continue;
      }
      byte[] expected;
      try {
        expected = InetAddress.getByName("[" + changed + "]").getAddress();
      } catch (UnknownHostException _) {
        assertFalse(IpAddress.isAddress(changed), changed);
        continue;
      }
      if (expected.length == 16) {
        assertArrayEquals(expected, IpAddress.parse(changed).toBytes(), changed);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2001:0db8::0001, 2001:db8::1",
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:DB8::A, 2001:db8::a",
    "::ffff:192.0.2.1, ::ffff:192.0.2.1",
    "::ffff:c000:201, ::ffff:192.0.2.1",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    "0:0:0:0:0:0:0:0, ::",
    "1:0:0:0:0:0:0:0, 1::",
    "::1.2.3.4, ::102:304"
  })
  void examplesOfRfc5952(String text, String canonical) {
    assertEquals(canonical, IpAddress.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1..2.3",
        ".1.2.3",
        "1.2.3.",
        "1.2.3.4 ",
        "-1.2.3.4",
        "1.2.3.٤",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "12345::",
        "g::",
        "1:",
        ":1",
        "fe80::1%eth0",
        "::1.2.3",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::١"
      })
  void noAddress(String text) {
    assertFalse(IpAddress.isAddress(text));
    assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
  }

  @Test
  void familyIsPartOfTheValue() {
    assertNotEquals(IpAddress.parse("1.2.3.4"), IpAddress.parse("::1.2.3.4"));
    assertTrue(IpAddress.parse("255.255.255.255").compareTo(IpAddress.parse("::")) < 0);
  }

  @Test
  void orderIsUnsigned() {
    assertTrue(IpAddress.parse("ff02::1").compareTo(IpAddress.parse("2001:db8::1")) > 0);
    assertTrue(IpAddress.parse("::ffff:0:0:0:1").compareTo(IpAddress.parse("::1")) > 0);
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 9})
  void prefixContainsWhatSharesItsBits(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      boolean v6 = random.nextBoolean();
      IpAddress a = v6 ? random6(random) : IpAddress.v4(random.nextInt());
      IpAddress b = v6 ? random6(random) : IpAddress.v4(a.asInt() ^ 1 << random.nextInt(32));
      int length = random.nextInt(a.bits() + 1);
      assertEquals(a.commonPrefixLength(b) >= length, IpPrefix.of(a, length).contains(b));
      assertTrue(IpPrefix.of(a, length).contains(a));
    }
  }
}
