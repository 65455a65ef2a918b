package io.vipscope.core.model.change;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.model.selection.Host;
import io.vipscope.core.model.snapshot.AddressFlag;
import io.vipscope.core.model.snapshot.InterfaceAddress;
import io.vipscope.core.model.snapshot.Link;
import io.vipscope.core.model.snapshot.Scope;
import io.vipscope.core.model.snapshot.Sysctls;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code __inet_insert_ifa}, {@code __inet_del_ifa}, {@code ipv6_link_dev_addr}. */
class AddressListTest {

  private static final Sysctls PROMOTES =
      new Sysctls(Map.of("net.ipv4.conf.eth0.promote_secondaries", "1"));

  private Link link = Objects.requireNonNull(new Host().build().link("eth0"));

  private static InterfaceAddress address(String text, int scope) {
    int slash = text.indexOf('/');
    return InterfaceAddress.of(
        IpAddress.parse(text.substring(0, slash)),
        Integer.parseInt(text.substring(slash + 1)),
        scope);
  }

  private AddressListTest add(int scope, String... all) {
    for (String each : all) {
      link = link.withAddresses(AddressList.add(link, address(each, scope)));
    }
    return this;
  }

  private AddressListTest add(String... all) {
    return add(Scope.UNIVERSE, all);
  }

  private InterfaceAddress of(String local) {
    return link.addresses().stream()
        .filter(a -> a.local().equals(IpAddress.parse(local)))
        .findFirst()
        .orElseThrow();
  }

  private void remove(Sysctls sysctls, String... locals) {
    List<InterfaceAddress> gone = Stream.of(locals).map(this::of).toList();
    link = link.withAddresses(AddressList.remove(link, gone, sysctls));
  }

  /** Last octets or groups in order; secondary ones with a star. */
  private void assertList(String expected) {
    assertEquals(
        expected,
        String.join(
            " ",
            link.addresses().stream()
                .map(a ->
                    a.local().toString().replaceFirst(".*[.:]", "")
                        + (a.has(AddressFlag.SECONDARY) ? "*" : ""))
                .toList()));
  }

  @Test
  void primaryOnesKeepTheirOrderAndSecondaryOnesComeLast() {
    add("10.0.0.1/24", "10.0.0.2/24", "10.0.1.3/24", "10.0.0.4/24", "10.0.0.5/25");
    assertList("1 3 5 2* 4*");
  }

  @Test
  void aNarrowerScopeComesBeforeAWiderOne() {
    add("10.0.0.1/24").add(Scope.LINK, "10.0.1.2/24").add(Scope.HOST, "10.0.2.3/24");
    add(Scope.LINK, "10.0.3.4/24").add("10.0.4.5/24");
    assertList("3 2 4 1 5");
  }

  @Test
  void oneOfTheSubnetWithAnotherScopeIsRefused() {
    add("10.0.0.1/24").add(Scope.LINK, "10.0.0.2/24");
    assertList("1");
    add(Scope.LINK, "10.0.0.2/25");
    assertList("2 1");
  }

  @Test
  void theNewestOfAnIpv6ScopeComesFirstAndIpv4BeforeAll() {
    add(
        "2001:db8::1/64",
        "fe80::2/64",
        "2001:db8::3/64",
        "fec0::4/64",
        "fe80::5/64",
        "10.0.0.6/24");
    assertList("6 3 1 4 5 2");
  }

  @Test
  void secondaryOnesGoWithTheirPrimary() {
    add("10.0.0.1/24", "10.0.1.2/24", "10.0.0.3/24", "10.0.1.4/24", "10.0.0.5/24");
    remove(Sysctls.NONE, "10.0.0.1");
    assertList("2 4*");
  }

  @Test
  void aSecondaryOneGoesAlone() {
    add("10.0.0.1/24", "10.0.0.3/24", "10.0.0.5/24");
    remove(PROMOTES, "10.0.0.3");
    assertList("1 5*");
  }

  @Test
  void theFirstSecondaryOneIsPromotedBehindTheLastPrimary() {
    add("10.0.0.1/24", "10.0.1.2/24", "10.0.0.3/24", "10.0.1.4/24", "10.0.0.5/24");
    remove(PROMOTES, "10.0.0.1");
    assertList("2 3 4* 5*");
  }

  @Test
  void directlyBehindThePrimaryItStaysInItsPlace() {
    add("10.0.0.1/24", "10.0.0.3/24", "10.0.0.5/24");
    remove(PROMOTES, "10.0.0.1");
    assertList("3 5*");
  }

  @Test
  void aPrimaryOfAWiderScopeIsNotTheLast() {
    add(Scope.LINK, "10.0.0.1/24").add("10.0.1.2/24").add(Scope.LINK, "10.0.0.3/24");
    remove(PROMOTES, "10.0.0.1");
    assertList("3 2");
  }

  @Test
  void severalGoOneAfterTheOther() {
    add("10.0.0.1/24", "10.0.0.3/24", "10.0.1.2/24", "2001:db8::1/64", "2001:db8::2/64");
    remove(Sysctls.NONE, "10.0.0.1", "10.0.0.3", "2001:db8::2");
    assertList("2 1");
    remove(Sysctls.NONE, "2001:db8::1");
    assertList("2");
  }
}
