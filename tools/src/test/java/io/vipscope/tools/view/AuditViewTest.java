package io.vipscope.tools.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vipscope.core.frame.Segments;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.Evidence;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.tools.view.Lane.Shared;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who uses a VIP beside its holder, as the page and Prometheus see it. */
class AuditViewTest {

  private static final IpAddress VIP = IpAddress.parse("192.0.2.9");

  private final AuditView view = new AuditView(new Segments(), 10);

  private void owner(int epoch, long sinceNs, long atNs, String... holders) {
    view.owner(
        new Ownership(
            -1,
            VIP,
            holders.length == 0 ? null : holders[0],
            -1,
            51,
            100,
            sinceNs,
            1,
            Evidence.VRRP,
            epoch,
            List.of(holders),
            atNs),
        "VI_4");
  }

  private Lane lane() {
    return view.copy().lanes().getFirst();
  }

  @Test
  void holdersOfASplitAreThereAndGoAgain() {
    owner(1, 10, 10, "lb1");
    owner(1, 10, 30, "lb1", "lb2");
    assertEquals(List.of("lb1", "lb2"), lane().last().holders());
    assertEquals(List.of(new Shared("lb2", 30, Shared.GOES_ON)), lane().shared());
    owner(1, 10, 50, "lb1");
    assertEquals(List.of("lb1"), lane().last().holders());
    assertEquals(List.of(new Shared("lb2", 30, 50)), lane().shared());
    assertEquals(1, lane().changes().size(), "the holder has not changed");
  }

  @Test
  void nextHolderEndsTheSharing() {
    owner(1, 10, 10, "lb1");
    owner(1, 10, 30, "lb1", "lb2");
    owner(2, 60, 60, "lb2");
    assertEquals(List.of(new Shared("lb2", 30, 60)), lane().shared());
    assertEquals(2, lane().changes().size());
  }
}
