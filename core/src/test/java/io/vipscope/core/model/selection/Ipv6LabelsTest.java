package io.vipscope.core.model.selection;

import static io.vipscope.core.model.selection.Host.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.vipscope.core.model.snapshot.AddressLabel;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code __ipv6_addr_label}, and choices that labels leave to later rules. */
class Ipv6LabelsTest {

  private static final IpAddress ADDRESS = ip("2001:db8::1");

  private static HostSnapshot labelled(Host host, AddressLabel... labels) {
    HostSnapshot s = host.build();
    return new HostSnapshot(
        s.host(),
        s.tStartNs(),
        s.tEndNs(),
        s.kernel(),
        s.links(),
        s.routes4(),
        s.routes6(),
        s.rules4(),
        s.rules6(),
        List.of(labels),
        s.nexthops(),
        s.neighbours(),
        s.sysctls(),
        s.instances(),
        s.netfilter(),
        false);
  }

  private static AddressLabel label(String prefix, @Nullable String dev, long value) {
    return new AddressLabel(IpPrefix.parse(prefix), dev, value);
  }

  @Test
  void labelOfADeviceIsForItsAddressesAlone() {
    HostSnapshot s =
        labelled(new Host(), label("2001:db8::/32", "eth1", 77), label("::/0", null, 1));
    assertEquals(77, Ipv6Labels.label(s, ADDRESS, "eth1"));
    assertEquals(1, Ipv6Labels.label(s, ADDRESS, "eth0"));
    assertEquals(1, Ipv6Labels.label(s, ADDRESS, null));
    assertEquals(1, Ipv6Labels.label(s, ip("2001:db9::1"), "eth1"));
  }

  /** {@code IPV6_ADDR_LABEL_DEFAULT}. */
  @Test
  void withoutAnEntryAllHaveOneLabelOfTheirOwn() {
    HostSnapshot s = labelled(new Host(), label("2001:db8::/32", null, 0));
    assertEquals(0, Ipv6Labels.label(s, ADDRESS, null));
    assertEquals(0xffffffffL, Ipv6Labels.label(s, ip("2001:db9::1"), null));
  }

  /** {@code IPV6_SADDR_RULE_ORCHID} comes to bear only where the labels do not decide. */
  @Test
  void orchidsOfOneLabelPreferOrchids() {
    HostSnapshot s =
        labelled(
            new Host().address("eth0", "2001:db8::1/64").address("eth0", "2001:10::1/28"),
            label("::/0", null, 1));
    assertEquals(ip("2001:10::1"), Ipv6Source.select(s, "eth0", ip("2001:1f::9")));
    assertEquals(ip("2001:db8::1"), Ipv6Source.select(s, "eth0", ip("2001:20::9")));
    Ipv6Source.Choice choice = Ipv6Source.choose(s, "eth0", ip("2001:20::9"));
    assertNotNull(choice);
    assertEquals("ORCHID", choice.reason());
  }
}
