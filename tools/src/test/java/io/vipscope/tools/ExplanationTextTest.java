package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.capture.host.SnapshotReader;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.inverse.Causes;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.model.inverse.Explanation;
import io.vipscope.core.model.inverse.Observation;
import io.vipscope.core.model.inverse.Remedy;
import io.vipscope.core.model.snapshot.HostSnapshot;
import io.vipscope.core.net.IpAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ExplanationTextTest {

  private static final IpAddress VIP = IpAddress.parse("192.168.0.9");
  private static final IpAddress PRIMARY = IpAddress.parse("192.168.0.1");
  private static final HostSnapshot LB1 =
      SnapshotReader.readHost("lb1", Path.of("demo/snapshots/lb1")).getFirst();
  private static final ExplainedFlow FLOW =
      ExplainedFlow.of((FlowName.Tuple) FlowName.parse("192.168.0.9:1 > 203.0.113.5:443/tcp"));

  private static Explained explained(List<Remedy> remedies) {
    Observation o = new Observation(FLOW.query(), VIP, LB1, List.of(), true);
    Explanation explanation =
        Explanation.of(new Evidence(o, List.of(LB1), List.of()), new Causes(FlowPredictor::new))
            .withRemedies(remedies);
    return new Explained(FLOW, "lb1", false, null, "", explanation);
  }

  private static List<String> lines(Explained e) {
    return new ExplanationText(VIP::equals, TextStyle.PLAIN).lines(e);
  }

  @Test
  void remediesAreShownBySourceThatWhichGoesWithTheVipLast() {
    Explained e =
        explained(
            List.of(
                new Remedy(VIP, "ip route replace default via 192.168.0.254 src 192.168.0.9"),
                new Remedy(PRIMARY, "nft flush ruleset"),
                new Remedy(VIP, "ip rule add table 77")));
    List<String> lines = lines(e);
    assertEquals(
        List.of(
            "  To make the host use 192.168.0.1, one of",
            "    nft flush ruleset",
            "  To make the host use 192.168.0.9, the VIP, one of",
            "    ip rule add table 77",
            "    ip route replace default via 192.168.0.254 src 192.168.0.9",
            "  Mind: if the application binds 192.168.0.9 itself, fix the application: no",
            "    route changes the source of a bound socket, a NAT rule only covers it",
            "  Mind: a route with the VIP as src goes when the VIP goes, also a default",
            "    route: it belongs into keepalived's virtual_routes"),
        lines.subList(lines.size() - 10, lines.size() - 1));
    JsonNode remedies =
        Cli.parse(ExplanationJson.line(e, VIP::equals)).getFirst().get("vipscope").get("remedies");
    assertEquals(3, remedies.size());
    assertEquals("nft flush ruleset", remedies.get(1).get("change").asString());
    assertEquals("192.168.0.1", remedies.get(1).get("src").asString());
  }

  @Test
  void onlyRoutesGoWithTheVip() {
    Explained e =
        explained(
            List.of(
                new Remedy(PRIMARY, "ip route replace default via 192.168.0.254"),
                new Remedy(VIP, "ip rule add table 77")));
    assertFalse(String.join("\n", lines(e)).contains("Mind: a route"));
  }

  @Test
  void withoutRemediesNothingIsSaidOfThem() {
    Explained e = explained(List.of());
    assertFalse(String.join("\n", lines(e)).contains("To make the host"));
    assertFalse(ExplanationJson.line(e, VIP::equals).contains("remedies"));
  }

  @Test
  void aSenderThatIsNotCertainIsAnIf() {
    assertTrue(lines(explained(List.of())).get(1).startsWith("  if it was sent by lb1, by the "));
  }

  @Test
  void longWordsStandAlone() {
    String word = "x".repeat(90);
    assertEquals(List.of("  a", "  " + word, "  b"), Lines.wrapped("a " + word + " b", "  "));
    assertEquals(List.of("> a", "    " + word), Lines.wrapped("a " + word, "> ", "    "));
  }

  @Test
  void timesOfRecords() {
    assertEquals(1_000_000_000L, Timestamp.parse("1970-01-01T00:00:01+0000"));
    assertEquals(1_500_000_000L, Timestamp.parse("1970-01-01T00:00:01.5Z"));
    assertEquals(-3_599_000_000_000L, Timestamp.parse("1970-01-01T00:00:01+0100"));
    assertEquals(1_000_000_001L, Timestamp.parse(Timestamp.of(1_000_000_001L)));
    assertEquals(null, Timestamp.parse("1970-01-01T00:00:01"));
    assertEquals(null, Timestamp.parse("9999-01-01T00:00:01Z"));
    assertEquals(null, Timestamp.parse("today"));
  }
}
