package io.vipscope.core.finding;

import static io.vipscope.core.FrameBuilder.ip;
import static io.vipscope.core.finding.Scene.CLIENT;
import static io.vipscope.core.finding.Scene.VIP;
import static io.vipscope.core.finding.Scene.ns;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyAndSightTest {

  private static final IpAddress OWN = ip("10.0.0.11");

  private static void asked(Scene scene, double seconds, IpAddress client) {
    FlowRecord question = scene.record(seconds, 50, client, VIP, 1, 17, Opener.FIRST_FRAME, null);
    scene.opened(question, "lb1");
  }

  private static void answered(Scene scene, double seconds, IpAddress client) {
    scene.opened(scene.record(seconds, 50, client, OWN, 1, 17, Opener.LISTENER, VIP), "lb1");
  }

  @Test
  void answersFromAnotherAddressToTwoClients() {
    Scene scene = new Scene();
    asked(scene, 1, CLIENT);
    answered(scene, 1.1, CLIENT);
    assertEquals(List.of(), scene.told());
    asked(scene, 2, ip("10.0.0.51"));
    answered(scene, 2.1, ip("10.0.0.51"));
    assertEquals(List.of("reply-source-mismatch warning open lb1"), scene.found());
    Finding last = scene.end().told().getLast();
    assertEquals(2, last.count());
    assertEquals(ns(1.1), last.startNs());
  }

  @Test
  void answersFromAnotherAddressThreeTimes() {
    Scene scene = new Scene();
    for (int i = 1; i <= 3; i++) {
      assertEquals(List.of(), scene.told());
      asked(scene, i, CLIENT);
      answered(scene, i + 0.1, CLIENT);
    }
    assertEquals(List.of("reply-source-mismatch warning open lb1"), scene.found());
  }

  @Test
  void lateAnswersDoNotCount() {
    Scene scene = new Scene();
    for (int i = 1; i <= 3; i++) {
      asked(scene, i * 10, CLIENT);
      answered(scene, i * 10 + 5.1, CLIENT);
    }
    assertEquals(List.of(), scene.told());
  }

  // What the sensor does not see.

  @Test
  void hostWithoutFramesForAMinute() {
    Scene scene = new Scene().at(0);
    for (int t = 0; t <= 60; t++) {
      scene.advert(t, 1, 150);
    }
    assertEquals(List.of(), scene.told());
    scene.advert(61.5, 1, 150);
    assertEquals(List.of("sensor-blind warning open lb2"), scene.found());
    scene.binding(70, 2, false);
    assertEquals(List.of("sensor-blind warning resolved lb2"), scene.found());
  }

  @Test
  void hostWithAnOpenFlowIsNotSilent() {
    Scene scene = new Scene().at(0);
    scene.opened(scene.record(1, 2, ip("10.0.0.12"), CLIENT, 50, 6, Opener.SYN, null), "lb2");
    for (int t = 1; t <= 100; t++) {
      scene.advert(t, 1, 150);
    }
    assertEquals(List.of(), scene.told());
  }

  @Test
  void hostWhoseLastFlowEndedLongAgoIsSilentAtTheEnd() {
    Scene scene = new Scene().at(0);
    FlowRecord open = scene.record(1, 2, ip("10.0.0.12"), CLIENT, 50, 17, Opener.FIRST_FRAME, null);
    scene.opened(open, "lb2");
    for (int t = 1; t <= 100; t++) {
      scene.advert(t, 1, 150);
    }
    scene.advert(101, 1, 150).ended(open, "lb2", 101).end();
    assertEquals(List.of("sensor-blind warning open lb2"), scene.found());
    assertEquals(ns(1), scene.told().getLast().startNs());
  }

  @Test
  void hostThatIsNeverSeenWhileOthersAre() {
    Scene scene = new Scene();
    FlowRecord tunnel = scene.record(0, 51, ip("10.9.9.1"), ip("10.9.9.2"), 52, 4789, 140);
    scene.ended(tunnel, null, 140).end();
    assertEquals(
        List.of("sensor-blind warning open lb1", "sensor-blind warning open lb2"), scene.found());
    assertEquals(
        "no frame of lb1 for 140 s: it is down, or the mirror does not show it",
        scene.told().getFirst().text());
    assertEquals(
        "vipscope audit RUN --mirror vxlan  # if the mirror comes to the sensor by vxlan",
        scene.told().getFirst().next().getFirst());
  }

  @Test
  void mirrorThatShowsFramesTwice() {
    Scene scene = new Scene();
    for (int t = 0; t < 8; t++) {
      assertEquals(List.of(), scene.told());
      scene.advert(t, 1, 150).advert(t + 0.000_005, 1, 150);
    }
    assertEquals(List.of("sensor-blind notice open null"), scene.found());
    assertEquals(
        List.of("vipscope audit RUN --dedup"), scene.told().getFirst().next(), "what to do");
    for (int t = 8; t < 130; t++) {
      scene.advert(t, 1, 150).advert(t + 0.5, 2, 0);
    }
    assertEquals("sensor-blind notice resolved null", scene.found().getFirst());
  }

  @Test
  void burstsOfGratuitousArpAreNoCopies() {
    Scene scene = new Scene().advert(0, 1, 150);
    for (int i = 0; i < 50; i++) {
      scene.claim(1 + i * 0.000_005, 1);
    }
    assertEquals(List.of(), scene.told());
  }

  @Test
  void copiesThatAreLeftOutNeedNoHint() {
    Scene scene = new Scene(new Findings.Scope(true, true, true, false, List.of()));
    for (int t = 0; t < 20; t++) {
      scene.advert(t, 1, 150).advert(t + 0.000_005, 1, 150);
    }
    assertEquals(List.of(), scene.told());
  }

  @Test
  void oneSidedConnections() {
    Scene scene = new Scene();
    for (int i = 0; i < 10; i++) {
      assertEquals(List.of(), scene.told());
      FlowRecord flow = scene.record(i, 1, OWN, CLIENT, 50, 6, Opener.SYN, null);
      scene.opened(flow, "lb1").ended(flow, "lb1");
    }
    assertEquals(List.of("sensor-blind warning open lb1"), scene.found());
  }

  @Test
  void acknowledgedDataThatWasNeverSeen() {
    Scene scene = new Scene();
    scene.acknowledged(1, OWN, 1_000_000, 1_000);
    assertEquals(List.of(), scene.told());
    scene.acknowledged(2, OWN, 100_000, 500);
    assertEquals(List.of("sensor-blind warning open lb1"), scene.found());
    assertEquals(
        "of 1100000 bytes of lb1's TCP data that were acknowledged, 1500 (0.1 %) are not in the"
            + " capture, in a sample of its connections: the mirror or the sensor loses frames",
        scene.told().getLast().text());
    bothAreHeard(scene, 50);
    scene.acknowledged(70, OWN, 10_000, 0);
    assertEquals(List.of("sensor-blind warning open lb1"), scene.found());
    bothAreHeard(scene, 100);
    scene.acknowledged(131, OWN, 10_000, 0);
    assertEquals(List.of("sensor-blind warning resolved lb1"), scene.found());
  }

  private static void bothAreHeard(Scene scene, double seconds) {
    scene.binding(seconds, 1, false).binding(seconds, 2, false);
  }

  @Test
  void acknowledgedDataOfAVipIsItsHolders() {
    Scene scene = new Scene();
    scene.acknowledged(0.5, VIP, 1_000, 500);
    assertEquals(List.of(), scene.told());
    scene.advert(1, 2, 150, VIP).acknowledged(1.5, VIP, 1_000, 500);
    assertEquals(List.of("sensor-blind warning open lb2"), scene.found());
  }

  @Test
  void vipTrafficWithoutControlFrames() {
    Scene scene = new Scene();
    for (int t = 0; t <= 61; t += 5) {
      scene.opened(t, 50, CLIENT, VIP, 1).opened(t, 2, ip("10.0.0.12"), CLIENT, 50);
    }
    assertEquals(List.of(), scene.told());
    scene.at(62);
    assertEquals(List.of(FindingKind.SENSOR_BLIND), scene.opened());
    assertTrue(scene.told().getFirst().text().contains("without any VRRP"));
  }

  @Test
  void anExpressionThatLeavesFramesOutHidesNothing() {
    Scene scene = new Scene(new Findings.Scope(true, true, false)).at(0);
    for (int t = 0; t <= 100; t++) {
      scene.advert(t, 1, 150);
    }
    assertEquals(List.of(), scene.told());
  }

  // The log.

  @Test
  void updatesComeOnceAMinuteAndAtTheEnd() {
    Scene scene = new Scene();
    for (int t = 0; t < 150; t++) {
      scene.advert(t, 1, VIP, 0, 100);
    }
    List<Finding> told =
        scene.end().told().stream().filter(f -> f.kind() == FindingKind.ADVERT_FROM_VIP).toList();
    assertEquals(4, told.size(), told::toString);
    assertEquals(1, told.stream().map(Finding::id).distinct().count());
    assertEquals(150, told.getLast().count());
    assertEquals(20, told.getLast().frames().size());
    assertEquals(ns(60), told.get(1).atNs() - told.get(0).atNs());
  }

  @Test
  void whatComesBackIsAnotherFinding() {
    Scene scene = new Scene().advert(0, 1, VIP, 0, 100).at(30).advert(31, 1, VIP, 0, 100);
    assertEquals(
        List.of(
            "advert-from-vip-vrid-51-ipv4-10.0.0.100", "advert-from-vip-vrid-51-ipv4-10.0.0.100-2"),
        scene.told().stream().map(Finding::id).distinct().toList());
  }
}
