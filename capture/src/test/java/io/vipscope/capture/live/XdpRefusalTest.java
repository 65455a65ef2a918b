package io.vipscope.capture.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.net.IpAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class XdpRefusalTest {

  private static LinkState link(
      @Nullable String master, List<String> above, List<String> addresses, boolean xdp) {
    return new LinkState(7, 1, true, 1500, master, above, addresses, xdp);
  }

  private static void refused(String reason, LinkState link) {
    String text = XdpInterface.refusal("eth1", link);
    assertNotNull(text);
    assertTrue(text.startsWith("eth1: ") && text.endsWith(", but " + reason), text);
  }

  @Test
  void aBarePortIsNot() {
    assertNull(XdpInterface.refusal("eth1", link(null, List.of(), List.of(), false)));
  }

  @Test
  void whateverTheHostUses() {
    refused("it has the address fe80::1/64", link(null, List.of(), List.of("fe80::1/64"), false));
    refused("it is a port of bond0", link("bond0", List.of(), List.of(), false));
    refused("eth1.7 stands on it", link(null, List.of("eth1.7"), List.of(), false));
    refused("it has an XDP program already", link(null, List.of(), List.of(), true));
  }

  /** Against what the class library reads in another way. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void everyInterfaceOfThisHostIsRead() throws Exception {
    for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
      LinkState link = LinkState.of(each.getName());
      assertNotNull(link, each.getName());
      assertEquals(each.getIndex(), link.index());
      assertEquals(each.isUp(), link.up());
      assertEquals(each.getMTU(), link.mtuBytes());
      for (InterfaceAddress address : each.getInterfaceAddresses()) {
        String text = address.getAddress().getHostAddress();
        String known = IpAddress.parse(text.replaceAll("%.*", "")).toString();
        assertTrue(
            link.addresses().contains(known + "/" + address.getNetworkPrefixLength()),
            () -> text + " in " + link);
      }
    }
    assertNull(LinkState.of("vipscope-none"));
  }
}
