package io.vipscope.core.model.compiled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBlocksTest {

  private static AddressBlocks blocks(boolean v6, String... prefixesAndMeanings) {
    AddressBlocks blocks = new AddressBlocks(v6, (_, _) -> false);
    for (int i = 0; i < prefixesAndMeanings.length; i += 2) {
      blocks.add(IpPrefix.parse(prefixesAndMeanings[i]), prefixesAndMeanings[i + 1]);
    }
    return blocks;
  }

  private static int of(AddressClasses classes, String address) {
    return of(classes, IpAddress.parse(address));
  }

  private static int of(AddressClasses classes, IpAddress a) {
    return a.v6() ? classes.of(a.hi(), a.lo()) : classes.of((int) a.lo());
  }

  private static List<Integer> all(AddressClasses classes, String... addresses) {
    return Stream.of(addresses).map(a -> of(classes, a)).toList();
  }

  @Test
  void withoutBlocksAllAreAlike() {
    AddressClasses classes = blocks(false).classes();
    assertEquals(List.of(0, 0, 0), all(classes, "0.0.0.0", "128.0.0.0", "255.255.255.255"));
    assertEquals(1, classes.count());
    assertEquals(1, classes.runs());
    assertEquals(IpAddress.ANY4, classes.example(0));
  }

  @Test
  void blocksOfEqualMeaningAreOfOneClass() {
    AddressClasses classes =
        blocks(false, "11.0.0.0/8", "a", "10.1.0.0/16", "b", "10.0.0.0/8", "a").classes();
    assertEquals(
        List.of(0, 1, 1, 2, 2, 1, 1, 1, 1, 0),
        all(
            classes,
            "9.255.255.255",
            "10.0.0.0",
            "10.0.255.255",
            "10.1.0.0",
            "10.1.255.255",
            "10.2.0.0",
            "10.255.255.255",
            "11.0.0.0",
            "11.255.255.255",
            "12.0.0.0"));
    assertEquals(3, classes.count());
    assertEquals(5, classes.runs());
    assertEquals(IpAddress.parse("10.1.0.0"), classes.example(2));
  }

  @Test
  void theSameWithinAnotherIsOfAnotherClassUnlessItHidesIt() {
    String[] nested = {"10.0.0.0/8", "a", "10.1.0.0/16", "x", "20.1.0.0/16", "x"};
    AddressClasses apart = blocks(false, nested).classes();
    assertNotEquals(of(apart, "10.1.0.1"), of(apart, "20.1.0.1"));
    AddressBlocks hiding =
        new AddressBlocks(false, (inner, outer) -> inner.equals("x") && outer.equals("a"));
    for (int i = 0; i < nested.length; i += 2) {
      hiding.add(IpPrefix.parse(nested[i]), nested[i + 1]);
    }
    AddressClasses one = hiding.classes();
    assertEquals(of(one, "10.1.0.1"), of(one, "20.1.0.1"));
    assertNotEquals(of(one, "10.2.0.1"), of(one, "20.2.0.1"));
  }

  @Test
  void aBlockThatOthersCoverHasNoExample() {
    AddressClasses classes =
        blocks(false, "10.0.0.0/8", "a", "10.0.0.0/9", "b", "10.128.0.0/9", "b").classes();
    assertEquals(
        List.of(0, 2, 2, 0), all(classes, "9.0.0.0", "10.0.0.0", "10.255.255.255", "11.0.0.0"));
    assertEquals(3, classes.count());
    assertNull(classes.example(1));
    assertEquals(IpAddress.parse("10.0.0.0"), classes.example(2));
  }

  @Test
  void twoMeaningsOfOneBlockAreOne() {
    AddressClasses classes =
        blocks(false, "10.0.0.0/8", "a", "10.0.0.0/8", "b", "20.0.0.0/8", "a", "30.0.0.0/8", "a")
            .classes();
    assertNotEquals(of(classes, "10.0.0.1"), of(classes, "20.0.0.1"));
    assertEquals(of(classes, "30.0.0.1"), of(classes, "20.0.0.1"));
  }

  @Test
  void theLastBlockEndsWithTheAddresses() {
    AddressClasses classes = blocks(false, "255.0.0.0/8", "a", "255.255.255.255/32", "b").classes();
    assertEquals(
        List.of(0, 1, 1, 2),
        all(classes, "254.255.255.255", "255.0.0.0", "255.255.255.254", "255.255.255.255"));
    assertEquals(3, classes.runs());
  }

  @Test
  void blocksOfTheOtherFamilyAreLeftOut() {
    AddressBlocks blocks = blocks(true, "10.0.0.0/8", "a");
    blocks.add(IpPrefix.parse("2001:db8::/32"));
    AddressClasses classes = blocks.classes();
    assertEquals(2, classes.count());
    assertEquals(3, classes.runs());
    assertEquals(
        List.of(0, 1, 1, 0),
        all(classes, "2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::1", "2001:db9::"));
  }

  @Test
  void blocksThatAreLikeNoOtherAreApart() {
    AddressBlocks blocks = new AddressBlocks(true, (_, _) -> false);
    blocks.add(IpPrefix.parse("fe80::/10"));
    blocks.add(IpPrefix.parse("ff00::/8"));
    AddressClasses classes = blocks.classes();
    assertEquals(3, classes.count());
    assertEquals(
        List.of(0, 1, 1, 0, 2, 2),
        all(classes, "fe7f::1", "fe80::", "febf:ffff::1", "fec0::", "ff00::", "ffff::1"));
  }

  @Test
  void ipv6BlocksThatDifferInTheLowHalf() {
    AddressClasses classes =
        blocks(true, "2001:db8::/64", "a", "2001:db8::8000:0:0:0/65", "b", "2001:db8::1/128", "c")
            .classes();
    assertEquals(
        List.of(1, 2, 1, 1, 3, 3, 0),
        all(
            classes,
            "2001:db8::",
            "2001:db8::1",
            "2001:db8::2",
            "2001:db8::7fff:ffff:ffff:ffff",
            "2001:db8::8000:0:0:0",
            "2001:db8::ffff:ffff:ffff:ffff",
            "2001:db8:0:1::"));
  }

  /** Against the definition: of one class are addresses with the same meanings around them. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void sameMeaningsAroundSameClass(long seed) {
    Random random = new Random(seed);
    boolean v6 = seed % 2 == 0;
    AddressBlocks blocks = new AddressBlocks(v6, (_, _) -> false);
    Map<IpPrefix, String> meanings = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      IpPrefix block = IpPrefix.of(address(random, v6), random.nextInt(v6 ? 129 : 33));
      if (meanings.putIfAbsent(block, "m" + random.nextInt(4)) == null) {
        blocks.add(block, meanings.get(block));
      }
    }
    AddressClasses classes = blocks.classes();
    Map<Integer, List<String>> byClass = new HashMap<>();
    Map<List<String>, Integer> byMeaning = new HashMap<>();
    for (int i = 0; i < 4000; i++) {
      IpAddress a = address(random, v6);
      List<String> around = new ArrayList<>();
      meanings.keySet().stream()
          .filter(b -> b.contains(a))
          .sorted(Comparator.comparingInt(IpPrefix::length))
          .forEach(b -> around.add(meanings.get(b)));
      int id = of(classes, a);
      assertEquals(around, byClass.computeIfAbsent(id, _ -> around), a::toString);
      assertEquals(id, byMeaning.computeIfAbsent(around, _ -> id), a::toString);
    }
  }

  /** Few different bytes, so that blocks nest and addresses fall into them. */
  private static IpAddress address(Random random, boolean v6) {
    long[] bytes = {0, 1, 0x7f, 0x80, 0xff};
    long hi = 0;
    long lo = 0;
    for (int i = 0; i < 8; i++) {
      hi = hi << 8 | (i < 4 ? bytes[random.nextInt(5)] : 0);
      lo = lo << 8 | (i < 2 || i > 5 ? bytes[random.nextInt(5)] : 0);
    }
    return v6 ? IpAddress.v6(hi, lo) : IpAddress.v4((int) (hi >>> 32));
  }
}
