package io.vipscope.core.model.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {

  private static AddressRange range(String first, String last) {
    return new AddressRange(IpAddress.parse(first), IpAddress.parse(last));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0/0, 255.255.255.255",
    "10.0.0.0/8, 10.255.255.255",
    "10.0.0.5/32, 10.0.0.5",
    "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::/32, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::/64, 2001:db8::ffff:ffff:ffff:ffff",
    "2001:db8::/63, 2001:db8:0:1:ffff:ffff:ffff:ffff",
    "2001:db8::/65, 2001:db8::7fff:ffff:ffff:ffff",
    "2001:db8::5/128, 2001:db8::5"
  })
  void lastAddressOfABlock(String block, String last) {
    IpPrefix prefix = IpPrefix.parse(block);
    assertEquals(
        new AddressRange(prefix.network(), IpAddress.parse(last)), AddressRange.of(prefix));
    assertEquals(List.of(prefix), AddressRange.of(prefix).prefixes());
  }

  @Test
  void bothEndsAreWithin() {
    AddressRange range = range("10.0.0.5", "10.0.0.9");
    assertTrue(range.contains(IpAddress.parse("10.0.0.5")));
    assertTrue(range.contains(IpAddress.parse("10.0.0.9")));
    assertFalse(range.contains(IpAddress.parse("10.0.0.4")));
    assertFalse(range.contains(IpAddress.parse("10.0.0.10")));
    assertFalse(range.contains(IpAddress.parse("::a00:7")), "another family");
    assertFalse(range.single());
    assertTrue(range("10.0.0.5", "10.0.0.5").single());
    assertEquals("10.0.0.5-10.0.0.9", range.toString());
    assertEquals("10.0.0.5", range("10.0.0.5", "10.0.0.5").toString());
  }

  @Test
  void sizeAndPlaces() {
    assertEquals(5, range("10.0.0.5", "10.0.0.9").size());
    assertEquals(1L << 32, range("0.0.0.0", "255.255.255.255").size());
    assertEquals(Long.MAX_VALUE, range("::", "::ffff:ffff:ffff:ffff").size());
    assertEquals(Long.MAX_VALUE, range("::", "0:0:0:1::").size());
    assertEquals(Long.MAX_VALUE, range("2001:db8:5::1", "2001:db8:6::9").size());
    assertEquals(IpAddress.parse("10.0.1.4"), range("10.0.0.5", "10.0.9.9").at(255));
    assertEquals(IpAddress.parse("2001:db8::1:4"), range("2001:db8::5", "2001:db8::f:9").at(65535));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.5, 10.0.0.5, 10.0.0.5/32",
    "10.0.0.5, 10.0.0.12, 10.0.0.5/32 10.0.0.6/31 10.0.0.8/30 10.0.0.12/32",
    "10.0.0.0, 10.0.1.255, 10.0.0.0/23",
    "255.255.255.254, 255.255.255.255, 255.255.255.254/31",
    "0.0.0.0, 128.0.0.0, 0.0.0.0/1 128.0.0.0/32",
    "2001:db8::ffff:ffff:ffff:ffff, 2001:db8:0:1::, 2001:db8::ffff:ffff:ffff:ffff/128"
        + " 2001:db8:0:1::/128"
  })
  void fewestBlocks(String first, String last, String blocks) {
    assertEquals(
        Arrays.stream(blocks.split(" ", -1)).map(IpPrefix::parse).toList(),
        range(first, last).prefixes());
  }
}
